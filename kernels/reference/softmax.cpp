#include <algorithm>
#include <cmath>

#include "kernels/reference/convert.hpp"
#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/parallel.hpp"

namespace braid::reference::ops {
namespace {

/// Calls f on each row along the axis, as doubles, and stores what it leaves there. Before opset 13
/// all dimensions from the axis on made up the row.
template <class F>
void along_axis(KernelCall& call, const F& f) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kFloats);
  const bool flatten = call.opset() < 13;
  const std::int64_t stated = call.attributes().get_int("axis", flatten ? 1 : -1);
  const bool whole = flatten && stated == x.rank();  // rows of one element each
  const std::int64_t axis = whole ? x.rank() : normalise_axis(call, stated, x.rank());
  const std::int64_t length =
      flatten ? product(x.dims(), axis, x.rank()) : x.dims()[static_cast<std::size_t>(axis)];
  const std::int64_t inner = flatten ? 1 : product(x.dims(), axis + 1, x.rank());
  Tensor& out = call.output(0, x.dtype(), x.dims());
  if (x.size() == 0) return;
  const std::byte* from = x.raw().data();
  std::byte* to = out.mutable_raw().data();
  parallel_for(x.size() / length, 8 * length, [&](std::int64_t row) {
    const std::int64_t offset = row / inner * length * inner + row % inner;
    std::vector<double> values(static_cast<std::size_t>(length));
    load(x.dtype(), from, offset, inner, length, values.data());
    f(values);
    store(x.dtype(), to, offset, inner, length, values.data());
  });
}

double largest(const std::vector<double>& values) {
  double best = values[0];
  for (const double value : values)
    best = larger(best, value);
  return best;
}

}  // namespace

void softmax(KernelCall& call) {
  along_axis(call, [](std::vector<double>& values) {
    const double top = largest(values);
    double total = 0.0;
    for (double& value : values)
      total += value = std::exp(value - top);
    for (double& value : values)
      value /= total;
  });
}

void log_softmax(KernelCall& call) {
  along_axis(call, [](std::vector<double>& values) {
    const double top = largest(values);
    double total = 0.0;
    for (const double value : values)
      total += std::exp(value - top);
    const double log_total = std::log(total);
    for (double& value : values)
      value = value - top - log_total;
  });
}

void hardmax(KernelCall& call) {
  along_axis(call, [](std::vector<double>& values) {
    const auto top = std::max_element(values.begin(), values.end()) - values.begin();
    std::fill(values.begin(), values.end(), 0.0);
    values[static_cast<std::size_t>(top)] = 1.0;
  });
}

}  // namespace braid::reference::ops
