#include <algorithm>
#include <numeric>

#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {
namespace {

/// An order of all values: NaN counts as the largest, as in numpy.
template <class W>
bool before(W a, W b, bool largest) {
  const bool nan_a = a != a;
  const bool nan_b = b != b;
  if (nan_a || nan_b) return nan_a != nan_b && nan_a == largest;
  return largest ? a > b : a < b;
}

}  // namespace

void top_k(KernelCall& call) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kNumbers);
  const auto& attributes = call.attributes();
  const std::int64_t axis = normalise_axis(call, attributes.get_int("axis", -1), x.rank());
  const std::int64_t k =
      call.has_input(1) ? int_scalar_input(call, 1) : attributes.get_int("k", -1);
  const bool largest = attributes.get_int("largest", 1) != 0;
  const std::int64_t length = x.dims()[static_cast<std::size_t>(axis)];
  const std::int64_t inner = product(x.dims(), axis + 1, x.rank());
  if (k < 0 || k > length) {
    call.fail("k " + std::to_string(k) + " is out of range for a dimension of " +
              std::to_string(length));
  }
  Dims dims = x.dims();
  dims[static_cast<std::size_t>(axis)] = k;
  std::byte* values_to = call.output(0, x.dtype(), dims).mutable_raw().data();
  std::int64_t* indices_to = nullptr;
  if (call.output_count() > 1) {
    indices_to = call.output(1, DType::Int64, dims).mutable_data<std::int64_t>().data();
  }
  if (x.size() == 0 || k == 0) return;
  const std::byte* from = x.raw().data();
  dispatch_wide(call, x.dtype(), kNumbers, [&](auto tag) {
    using W = typename decltype(tag)::type;
    parallel_for(x.size() / length, 8 * length, [&](std::int64_t row) {
      std::vector<W> values(static_cast<std::size_t>(length));
      const std::int64_t start = row / inner * length * inner + row % inner;
      load(x.dtype(), from, start, inner, length, values.data());
      Dims order(values.size());
      std::iota(order.begin(), order.end(), 0);
      // Sorted whether asked for or not; of equal values the first comes first.
      std::partial_sort(order.begin(), order.begin() + k, order.end(),
                        [&](std::int64_t a, std::int64_t b) {
                          const W left = values[static_cast<std::size_t>(a)];
                          const W right = values[static_cast<std::size_t>(b)];
                          if (before(left, right, largest)) return true;
                          return !before(right, left, largest) && a < b;
                        });
      const std::int64_t target = row / inner * k * inner + row % inner;
      for (std::int64_t i = 0; i < k; ++i) {
        const std::int64_t index = order[static_cast<std::size_t>(i)];
        store(x.dtype(), values_to, target + i * inner, 1, 1,
              &values[static_cast<std::size_t>(index)]);
        if (indices_to != nullptr) indices_to[target + i * inner] = index;
      }
    });
  });
}

}  // namespace braid::reference::ops
