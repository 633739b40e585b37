#include "tools/value_range.hpp"

#include <bit>
#include <cmath>
#include <limits>

namespace {

using braid::DType;

struct Half {
  std::uint16_t bits;
  explicit operator double() const {
    const int exponent = (bits >> 10) & 31;
    const int fraction = bits & 1023;
    const double sign = (bits >> 15) != 0 ? -1 : 1;
    if (exponent == 31) {
      return fraction != 0 ? std::numeric_limits<double>::quiet_NaN()
                           : sign * std::numeric_limits<double>::infinity();
    }
    if (exponent == 0) return sign * std::ldexp(fraction, -24);
    return sign * std::ldexp(fraction + 1024, exponent - 25);
  }
};

struct BFloat16 {
  std::uint16_t bits;
  explicit operator double() const {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
  }
};

template <class T>
ValueRange range_of(const braid::Tensor& tensor) {
  ValueRange range;
  double sum = 0;
  for (const T& element : tensor.data<T>()) {
    const auto value = static_cast<double>(element);
    if (std::isnan(value)) {
      ++range.nan_count;
      continue;
    }
    range.min = range.counted == 0 ? value : std::fmin(range.min, value);
    range.max = range.counted == 0 ? value : std::fmax(range.max, value);
    ++range.counted;
    sum += value;
  }
  if (range.counted > 0) range.mean = sum / static_cast<double>(range.counted);
  return range;
}

}  // namespace

ValueRange value_range(const braid::Tensor& given) {
  const braid::Tensor tensor = given.materialised();
  switch (tensor.dtype()) {
    case DType::Float32:
      return range_of<float>(tensor);
    case DType::Float64:
      return range_of<double>(tensor);
    case DType::Float16:
      return range_of<Half>(tensor);
    case DType::BFloat16:
      return range_of<BFloat16>(tensor);
    case DType::Int8:
      return range_of<std::int8_t>(tensor);
    case DType::Int16:
      return range_of<std::int16_t>(tensor);
    case DType::Int32:
      return range_of<std::int32_t>(tensor);
    case DType::Int64:
      return range_of<std::int64_t>(tensor);
    case DType::UInt8:
    case DType::Bool:
      return range_of<std::uint8_t>(tensor);
    case DType::UInt16:
      return range_of<std::uint16_t>(tensor);
    case DType::UInt32:
      return range_of<std::uint32_t>(tensor);
    case DType::UInt64:
      return range_of<std::uint64_t>(tensor);
    default:
      return {};
  }
}
