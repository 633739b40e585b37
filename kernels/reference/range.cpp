#include <cmath>

#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {
namespace {

/// Numbers start + i * delta before `limit`.
std::int64_t range_size(const KernelCall& call, double start, double limit, double delta) {
  if (delta == 0.0) call.fail("delta is 0");
  const double count = std::ceil((limit - start) / delta);
  if (!(count < 1e13)) call.fail("the range is too long");  // NaN too
  return count > 0.0 ? static_cast<std::int64_t>(count) : 0;
}

/// The same, exactly: differences of 64-bit integers may have 65 bits.
std::int64_t range_size(const KernelCall& call, std::int64_t start, std::int64_t limit,
                        std::int64_t delta) {
  if (delta == 0) call.fail("delta is 0");
  if (delta > 0 ? start >= limit : start <= limit) return 0;
  const auto from = static_cast<std::uint64_t>(start);
  const auto to = static_cast<std::uint64_t>(limit);
  const auto step = static_cast<std::uint64_t>(delta);
  const std::uint64_t count =
      delta > 0 ? (to - from - 1) / step + 1 : (from - to - 1) / (std::uint64_t{0} - step) + 1;
  if (count > std::uint64_t{1} << 44) call.fail("the range is too long");
  return static_cast<std::int64_t>(count);
}

}  // namespace

void range(KernelCall& call) {
  const DType dtype = call.input(0).dtype();
  dispatch_wide(call, dtype, kFloats | kSigned, [&](auto tag) {
    using W = typename decltype(tag)::type;
    if constexpr (!std::is_same_v<W, std::uint64_t>) {
      W values[3];
      for (std::size_t k = 0; k < 3; ++k) {
        require_same_type(call, call.input(0), call.input(k));
        if (call.input(k).size() != 1) call.fail("inputs must hold one value each");
        load(dtype, call.input(k).raw().data(), 0, 1, 1, values + k);
      }
      const std::int64_t count = range_size(call, values[0], values[1], values[2]);
      Tensor& out = allocate(call, 0, dtype, {count});
      std::byte* to = out.mutable_raw().data();
      for (std::int64_t i = 0; i < count; ++i) {
        const W value = wrapping_add(values[0], wrapping_mul(static_cast<W>(i), values[2]));
        store(dtype, to, i, 1, 1, &value);
      }
    }
  });
}

}  // namespace braid::reference::ops
