#include <cmath>
#include <numbers>

#include "kernels/reference/axes.hpp"
#include "kernels/reference/convert.hpp"
#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {
namespace {

// first - second cos(t) + third cos(2 t), over one period.
void cosine_window(KernelCall& call, double first, double second, double third) {
  const std::int64_t size = int_scalar_input(call, 0);
  const auto dtype = static_cast<DType>(
      call.attributes().get_int("output_datatype", static_cast<int>(DType::Float32)));
  require_type(call, dtype, kNumbers);
  const bool is_periodic = call.attributes().get_int("periodic", 1) != 0;
  Tensor& out = allocate(call, 0, dtype, {size});
  const auto period = static_cast<double>(is_periodic ? size : size - 1);
  for (std::int64_t i = 0; i < size; ++i) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(i) / std::max(period, 1.0);
    const double value = first - second * std::cos(angle) + third * std::cos(2 * angle);
    store(dtype, out.mutable_raw().data(), i, 1, 1, &value);
  }
}

}  // namespace

void blackman_window(KernelCall& call) {
  cosine_window(call, 0.42, 0.5, 0.08);
}

void hamming_window(KernelCall& call) {
  cosine_window(call, 25.0 / 46.0, 1 - 25.0 / 46.0, 0);
}

void hann_window(KernelCall& call) {
  cosine_window(call, 0.5, 0.5, 0);
}

}  // namespace braid::reference::ops
