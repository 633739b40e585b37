#include <algorithm>
#include <cmath>

#include "kernels/reference/broadcast.hpp"
#include "kernels/reference/convert.hpp"
#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/saturate.hpp"

/// Products of integers: the real operator on doubles, which hold every sum exactly.
namespace braid::reference::ops {
namespace {

Tensor doubles(Dims dims, const std::vector<double>& values) {
  Tensor tensor = Tensor::allocate(DType::Float64, std::move(dims));
  std::copy(values.begin(), values.end(), tensor.mutable_data<double>().begin());
  return tensor;
}

/// A parameter as it broadcasts against `data`; a vector of several values lies along `axis`.
std::vector<double> spread(const KernelCall& call, std::size_t input, const Dims& data,
                           std::size_t axis) {
  const Tensor& parameter = call.input(input);
  Dims dims = parameter.dims();
  if (dims.size() == 1 && dims[0] != 1) {
    dims.assign(data.size(), 1);
    dims[axis] = parameter.size();
  }
  const std::vector<double> values = to_doubles(parameter);
  std::vector<double> result;
  for (const std::int64_t at : offset_table(data, broadcast_strides(call, dims, data)))
    result.push_back(values[static_cast<std::size_t>(at)]);
  return result;
}

/// The integers of an input less their zero point, if there is one.
Tensor centred(const KernelCall& call, std::size_t input, std::size_t zero_point,
               std::size_t axis) {
  const Tensor& tensor = call.input(input);
  require_type(call, tensor.dtype(), kIntegers);
  std::vector<double> values = to_doubles(tensor);
  if (call.has_input(zero_point)) {
    const std::vector<double> zeros = spread(call, zero_point, tensor.dims(), axis);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] -= zeros[i];
  }
  return doubles(tensor.dims(), values);
}

Tensor real(const KernelCall& call, KernelFunction kernel, const std::vector<Tensor>& inputs) {
  std::vector<Tensor> outputs(1);
  KernelCall inner(call.op(), call.opset(), call.attributes(), inputs, outputs);
  kernel(inner);
  return outputs[0];
}

void store_sums(KernelCall& call, const Tensor& sums) {
  Tensor& out = call.output(0, DType::Int32, sums.dims());
  store(DType::Int32, out.mutable_raw().data(), 0, 1, out.size(), sums.data<double>().data());
}

/// What the parameters of `input` are spread over: its last two axes matter.
std::size_t row_axis(const KernelCall& call, std::size_t input) {
  const int rank = call.input(input).rank();
  return rank < 2 ? 0 : static_cast<std::size_t>(rank) - 2;
}

std::size_t column_axis(const KernelCall& call, std::size_t input) {
  const int rank = call.input(input).rank();
  return rank < 1 ? 0 : static_cast<std::size_t>(rank) - 1;
}

/// Sums times scale over output scale, rounded, plus the output's zero point (inputs 6 and 7).
void requantize(KernelCall& call, const Tensor& sums, const std::vector<double>& scales) {
  const double scale = number_input(call, 6);
  const double zero_point = number_input(call, 7);
  std::vector<double> values = to_doubles(sums);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = std::nearbyint(values[i] * scales[i] / scale) + zero_point;
  }
  store_saturated(call.output(0, call.input(7).dtype(), sums.dims()), values);
}

/// A scale of rows or columns as it broadcasts against the product: vectors get their axis.
Dims matrix_dims(const Tensor& scale, bool is_row) {
  Dims dims = scale.dims();
  if (dims.size() == 1 && is_row) dims.push_back(1);
  return dims;
}

}  // namespace

void matmul_integer(KernelCall& call) {
  const Tensor a = centred(call, 0, 2, row_axis(call, 0));
  const Tensor b = centred(call, 1, 3, column_axis(call, 1));
  store_sums(call, real(call, matmul, {a, b}));
}

void qlinear_matmul(KernelCall& call) {
  const Tensor a = centred(call, 0, 2, row_axis(call, 0));
  const Tensor b = centred(call, 3, 5, column_axis(call, 3));
  const Tensor sums = real(call, matmul, {a, b});
  std::vector<double> scales(static_cast<std::size_t>(sums.size()), 1.0);
  for (const std::size_t input : {1, 4}) {
    const Tensor& scale = call.input(input);
    const std::vector<double> values = to_doubles(scale);
    const Dims strides = broadcast_strides(call, matrix_dims(scale, input == 1), sums.dims());
    const Dims table = offset_table(sums.dims(), strides);
    for (std::size_t i = 0; i < scales.size(); ++i)
      scales[i] *= values[static_cast<std::size_t>(table[i])];
  }
  requantize(call, sums, scales);
}

void conv_integer(KernelCall& call) {
  store_sums(call, real(call, conv, {centred(call, 0, 2, 0), centred(call, 1, 3, 0)}));
}

void qlinear_conv(KernelCall& call) {
  std::vector<Tensor> inputs = {centred(call, 0, 2, 0), centred(call, 3, 5, 0)};
  if (call.has_input(8)) inputs.push_back(doubles(call.input(8).dims(), to_doubles(call.input(8))));
  const Tensor sums = real(call, conv, inputs);
  std::vector<double> scales = spread(call, 4, sums.dims(), 1);
  const double scale = number_input(call, 1);
  for (double& value : scales)
    value *= scale;
  requantize(call, sums, scales);
}

}  // namespace braid::reference::ops
