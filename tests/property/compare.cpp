#include "property/compare.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

namespace braid::property {
namespace {

constexpr double kRelative = 1e-4;
constexpr double kRelativeHalf = 2e-2;
constexpr double kAbsolute = 1e-6;

template <class T>
std::vector<double> doubles(const Tensor& tensor) {
  const auto data = tensor.data<T>();
  std::vector<double> result;
  std::ranges::transform(data, std::back_inserter(result),
                         [](T x) { return static_cast<double>(x); });
  return result;
}

// Empty for types that are compared exactly.
std::vector<double> doubles(const Tensor& tensor) {
  switch (tensor.dtype()) {
    case DType::Float32:
      return doubles<float>(tensor);
    case DType::Float64:
      return doubles<double>(tensor);
    case DType::Float16:
      return doubles<Eigen::half>(tensor);
    default:
      return {};
  }
}

}  // namespace

bool is_finite(const Tensor& tensor) {
  return std::ranges::all_of(doubles(tensor), [](double x) { return std::isfinite(x); });
}

bool agree(const Tensor& expected, const Tensor& actual) {
  if (expected.dtype() != actual.dtype() || expected.dims() != actual.dims()) return false;
  if (!is_float(expected.dtype())) return same_content(expected, actual);
  const std::vector<double> a = doubles(expected.materialised());
  const std::vector<double> b = doubles(actual.materialised());
  double largest = 0;
  for (const double x : a) {
    if (std::isfinite(x)) largest = std::max(largest, std::abs(x));
  }
  const bool is_half = expected.dtype() == DType::Float16;
  const double tolerance = kAbsolute + (is_half ? kRelativeHalf : kRelative) * largest;
  return std::ranges::equal(a, b, [&](double x, double y) {
    return x == y || (std::isnan(x) && std::isnan(y)) || std::abs(x - y) <= tolerance;
  });
}

std::string describe_difference(const Tensor& expected, const Tensor& actual) {
  if (expected.dtype() != actual.dtype() || expected.dims() != actual.dims())
    return describe(expected) + " against " + describe(actual);
  const std::vector<double> a = doubles(expected.materialised());
  const std::vector<double> b = doubles(actual.materialised());
  if (a.empty()) return describe(expected) + ", values differ";
  double largest = 0;
  double error = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(a[i]));
    error = std::max(error, std::abs(a[i] - b[i]));
  }
  return describe(expected) + ", error " + std::to_string(error) + " of " + std::to_string(largest);
}

}  // namespace braid::property
