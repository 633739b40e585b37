#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/reference/axes.hpp"
#include "kernels/reference/convert.hpp"
#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/saturate.hpp"

namespace braid::reference::ops {
namespace {

/// Which element of the parameters belongs to an element of the data: one for the tensor, one per
/// index of an axis, or one per block along the axis.
class Granularity {
 public:
  Granularity(const KernelCall& call, const Dims& data, const Dims& parameters) {
    if (product(parameters) == 1 && parameters.size() <= 1) return;
    const auto rank = static_cast<std::int64_t>(data.size());
    const std::int64_t axis = normalise_axis(call, call.attributes().get_int("axis", 1), rank);
    const auto at = static_cast<std::size_t>(axis);
    inner_ = product(data, axis + 1, rank);
    length_ = data[at];
    block_ = parameters.size() > 1 ? call.attributes().get_int("block_size", 0) : 1;
    has_inner_ = parameters.size() > 1;
    Dims expected = {length_};
    if (has_inner_) {
      if (block_ < 1) call.fail("block_size must be positive");
      expected = data;
      expected[at] = (length_ + block_ - 1) / block_;
    }
    blocks_ = has_inner_ ? expected[at] : length_;
    if (parameters != expected) {
      call.fail("scale " + format_dims(parameters) + " must be " + format_dims(expected) +
                " or a scalar");
    }
  }

  std::size_t at(std::int64_t i) const {
    if (length_ == 0) return 0;
    const std::int64_t along = i / inner_ % length_ / block_;
    if (!has_inner_) return static_cast<std::size_t>(along);
    return static_cast<std::size_t>((i / inner_ / length_ * blocks_ + along) * inner_ + i % inner_);
  }

 private:
  std::int64_t inner_ = 1, length_ = 0, block_ = 1, blocks_ = 1;
  bool has_inner_ = false;
};

std::vector<double> zero_points(const KernelCall& call, const Dims& dims) {
  if (!call.has_input(2)) return std::vector<double>(static_cast<std::size_t>(product(dims)), 0.0);
  if (call.input(2).dims() != dims) {
    call.fail("zero point " + format_dims(call.input(2).dims()) + " and scale " +
              format_dims(dims) + " must have one shape");
  }
  return to_doubles(call.input(2));
}

DType quantized_type(const KernelCall& call) {
  if (call.has_input(2)) return call.input(2).dtype();
  const std::int64_t stated = call.attributes().get_int("output_dtype", 0);
  return stated == 0 ? DType::UInt8 : static_cast<DType>(stated);
}

}  // namespace

void quantize_linear(KernelCall& call) {
  const Tensor& x = call.input(0);
  const Tensor& scale = call.input(1);
  require_type(call, x.dtype(), kFloats | kSigned);
  require_type(call, scale.dtype(), kFloats | kSigned);
  const DType dtype = quantized_type(call);
  require_type(call, dtype, kIntegers);
  const Granularity granularity(call, x.dims(), scale.dims());
  const std::vector<double> scales = to_doubles(scale);
  const std::vector<double> zeros = zero_points(call, scale.dims());
  const std::int64_t stated = call.attributes().get_int("precision", 0);
  const DType precision = stated == 0 ? scale.dtype() : static_cast<DType>(stated);
  std::vector<double> values = to_doubles(x);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] /= scales[granularity.at(static_cast<std::int64_t>(i))];
  }
  // The quotient is one of its type: that decides which values lie half way between integers.
  Tensor quotients = Tensor::allocate(precision, x.dims());
  store(precision, quotients.mutable_raw().data(), 0, 1, x.size(), values.data());
  load(precision, quotients.raw().data(), 0, 1, x.size(), values.data());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = std::nearbyint(values[i]) + zeros[granularity.at(static_cast<std::int64_t>(i))];
  }
  store_saturated(call.output(0, dtype, x.dims()), values);
}

void dequantize_linear(KernelCall& call) {
  const Tensor& x = call.input(0);
  const Tensor& scale = call.input(1);
  require_type(call, x.dtype(), kIntegers);
  require_type(call, scale.dtype(), kFloats);
  const std::int64_t stated = call.attributes().get_int("output_dtype", 0);
  const DType dtype = stated == 0 ? scale.dtype() : static_cast<DType>(stated);
  require_type(call, dtype, kFloats);
  const Granularity granularity(call, x.dims(), scale.dims());
  const std::vector<double> scales = to_doubles(scale);
  const std::vector<double> zeros = zero_points(call, scale.dims());
  std::vector<double> values = to_doubles(x);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t at = granularity.at(static_cast<std::int64_t>(i));
    values[i] = (values[i] - zeros[at]) * scales[at];
  }
  Tensor& out = call.output(0, dtype, x.dims());
  store(dtype, out.mutable_raw().data(), 0, 1, out.size(), values.data());
}

void dynamic_quantize_linear(KernelCall& call) {
  const Tensor& x = call.input(0);
  if (x.dtype() != DType::Float32) fail_type(call, x.dtype());
  // In float, as the operator is defined: the steps decide on which side of a half values fall.
  constexpr float kMost = 255.0F;
  float low = 0.0F;
  float high = 0.0F;
  for (const float value : x.data<float>()) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const float scale = (high - low) / kMost;
  const float zero = scale == 0.0F ? 0.0F : std::clamp(0.0F - low / scale, 0.0F, kMost);
  const double zero_point = std::nearbyint(zero);
  std::vector<double> values(static_cast<std::size_t>(x.size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float quotient = scale == 0.0F ? 0.0F : x.data<float>()[i] / scale;
    values[i] = std::nearbyint(quotient) + zero_point;
  }
  store_saturated(call.output(0, DType::UInt8, x.dims()), values);
  call.output(1, DType::Float32, {}).mutable_data<float>()[0] = scale;
  store_saturated(call.output(2, DType::UInt8, {}), {zero_point});
}

}  // namespace braid::reference::ops
