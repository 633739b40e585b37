#include "kernels/cuda/scan.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include "kernels/cuda/launch.hpp"
#include "support.hpp"

namespace braid::cuda {
namespace {

struct Case {
  const char* name;
  int outer, length, inner;
  const char* kernel;
  Element element = Element::Float;
};

/// Running sums or products in the order in which they are defined.
template <class T, class At>
std::vector<T> scan(const ScanArgs& args, const At& at) {
  std::vector<T> y(static_cast<std::size_t>(args.outer) * args.length * args.inner);
  for (int o = 0; o < args.outer; ++o)
    for (int i = 0; i < args.inner; ++i) {
      T total = args.is_product ? 1 : 0;
      for (int k = 0; k < args.length; ++k) {
        const int place = args.is_reverse ? args.length - 1 - k : k;
        const auto index = static_cast<std::size_t>((o * args.length + place) * args.inner + i);
        const T value = at(index);
        const T next = args.is_product ? total * value : total + value;
        y[index] = args.is_exclusive ? total : next;
        total = next;
      }
    }
  return y;
}

class ScanTest : public testing::TestWithParam<Case> {};

TEST_P(ScanTest, AgreesWithDoublePrecision) {
  const Case& c = GetParam();
  const auto count = static_cast<std::size_t>(c.outer) * c.length * c.inner;
  Values x = Values::random(c.element, count, 4);
  for (int form = 0; form < 8; ++form) {
    Values y(c.element, count);
    ScanArgs args{x.data(), y.data(),        c.outer,         c.length,
                  c.inner,  (form & 1) != 0, (form & 2) != 0, (form & 4) != 0};
    const Launch launch = launch_scan(args, stored_as(c.element));
    EXPECT_TRUE(std::string_view(launch.kernel).starts_with(c.kernel)) << launch.kernel;
    emulator::launch(launch, &args, kSchedules[form % 5]);
    expect_close(y, scan<double>(args, [&](std::size_t i) { return x[i]; }),
                 2 * c.length * 0x1p-24 + rounding_of(c.element));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ScanTest,
    testing::Values(Case{"one", 1, 1, 1, "scan_warp"}, Case{"row", 3, 33, 1, "scan_warp"},
                    Case{"long", 5, 300, 1, "scan_warp"},
                    Case{"narrow_half", 2, 64, 3, "scan_warp", Element::Half},
                    Case{"columns", 2, 9, 33, "scan_thread"},
                    Case{"columns_bfloat", 3, 40, 64, "scan_thread", Element::BFloat16}),
    name_of<Case>);

TEST(Scan, OfIntegersIsExactAndInPlace) {
  std::vector<std::int64_t> x;
  for (std::int64_t i = 0; i < 2 * 70; ++i)
    x.push_back((std::int64_t{1} << 53) + i * i - 17);
  const std::vector<std::int64_t> before = x;
  ScanArgs args{x.data(), x.data(), 2, 70, 1};
  const auto expected = scan<std::int64_t>(args, [&](std::size_t i) { return before[i]; });
  emulator::launch(launch_scan(args, Stored::Int64), &args);
  EXPECT_EQ(x, expected);
}

TEST(Scan, OfSmallIntegersWrapsAround) {
  std::vector<std::int32_t> x(35, std::int32_t{1} << 30);
  std::vector<std::int32_t> y(35, -1);
  ScanArgs args{x.data(), y.data(), 1, 35, 1};
  emulator::launch(launch_scan(args, Stored::Int32), &args);
  EXPECT_EQ(y[0], std::int32_t{1} << 30);
  EXPECT_EQ(y[1], std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(y[3], 0);
  EXPECT_EQ(y[34], y[2]);
  EXPECT_THROW(launch_scan(args, Stored::UInt8), std::invalid_argument);
}

}  // namespace
}  // namespace braid::cuda
