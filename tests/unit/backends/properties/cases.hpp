#pragma once

#include <functional>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/backends/bound_kernel.hpp"

/// Random calls of the operators that the CPU binds.
namespace braid::properties {

using reference::attrs;
using reference::Dims;

/// Reproducible choices.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  /// From `low` to `high`, both included.
  std::int64_t number(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(engine_);
  }
  bool chance(double p = 0.5) { return std::bernoulli_distribution(p)(engine_); }

  template <class T>
  T one_of(const std::vector<T>& values) {
    return values[static_cast<std::size_t>(
        number(0, static_cast<std::int64_t>(values.size()) - 1))];
  }

  /// A size: 1, odd ones, powers of two; 0 now and then if asked for.
  std::int64_t size(bool may_be_empty = false) {
    if (may_be_empty && chance(0.05)) return 0;
    return one_of<std::int64_t>({1, 1, 2, 3, 4, 5, 7, 8, 16, 17, 33});
  }

  Dims dims(std::int64_t least_rank, std::int64_t most_rank, bool may_be_empty = false) {
    Dims result;
    for (std::int64_t left = number(least_rank, most_rank); left > 0; --left)
      result.push_back(result.size() < 3 ? size(may_be_empty) : number(1, 3));
    return result;
  }

  /// Dims that broadcast to `to`.
  Dims broadcast(const Dims& to) {
    Dims result(to.begin() + number(0, static_cast<std::int64_t>(to.size())), to.end());
    for (std::int64_t& dim : result)
      dim = chance(0.3) ? 1 : dim;
    return result;
  }

  /// Values within [low, high]; whole ones for integers.
  Tensor tensor(const Dims& dims, DType dtype, double low = -3.0, double high = 3.0) {
    std::vector<double> values(static_cast<std::size_t>(reference::product(dims)));
    std::uniform_real_distribution<double> distribution(low, high);
    const bool is_whole = dtype != DType::Float32 && dtype != DType::Float64 &&
                          dtype != DType::Float16 && dtype != DType::BFloat16;
    for (double& value : values) {
      value = distribution(engine_);
      if (dtype == DType::Bool) value = value > (low + high) / 2 ? 1 : 0;
      if (is_whole) value = std::round(value);
    }
    return reference::tensor(dtype, dims, values);
  }

  /// Indices of a dim, negative ones among them.
  Tensor indices(const Dims& dims, std::int64_t dim, DType dtype = DType::Int64) {
    std::vector<double> values(static_cast<std::size_t>(reference::product(dims)));
    for (double& value : values)
      value = static_cast<double>(number(-dim, dim - 1));
    return reference::tensor(dtype, dims, values);
  }

 private:
  std::mt19937_64 engine_;
};

/// A call, and what it yields; by the reference kernel of that name if that is not said.
struct Sample {
  testing_support::Call call;
  double tolerance = 0.0;
  std::vector<Tensor> expected = {};
};

using Generator = std::function<Sample(Random&)>;

/// By domain and operator.
using Cases = std::map<std::pair<std::string, std::string>, Generator>;

inline const std::vector<DType> kFloats = {DType::Float32, DType::Float32, DType::Float16,
                                           DType::BFloat16};
inline const std::vector<DType> kNumbers = {DType::Float32,  DType::Float64, DType::Float16,
                                            DType::BFloat16, DType::Int32,   DType::Int64};
inline const std::vector<DType> kTypes = {DType::Float32,  DType::Float64, DType::Float16,
                                          DType::BFloat16, DType::Int64,   DType::Int32,
                                          DType::Int16,    DType::UInt8,   DType::Bool};

/// How far results of a type may be from exact ones: some roundings of float, one of the type.
inline double tolerance_of(DType dtype) {
  if (dtype == DType::Float16) return 0x1p-10;
  return dtype == DType::BFloat16 ? 0x1p-7 : 1e-5;
}

inline std::int64_t any_axis(Random& random, const Dims& dims) {
  const auto rank = static_cast<std::int64_t>(dims.size());
  return random.number(-rank, rank - 1);
}

void add_attention_cases(Cases& cases);
void add_elementwise_cases(Cases& cases);
void add_movement_cases(Cases& cases);
void add_reduction_cases(Cases& cases);
void add_product_cases(Cases& cases);
void add_normalization_cases(Cases& cases);

}  // namespace braid::properties
