#include "verify/compare_outputs.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>

namespace braid {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Gathers the statistics of one output, element by element.
class Comparison {
 public:
  Comparison(OutputCheck& check, double absolute_tolerance, double relative_tolerance)
      : check_(check), absolute_(absolute_tolerance), relative_(relative_tolerance) {}

  void add_float(std::int64_t index, double member, double merged) {
    check_.nan_member += std::isnan(member) ? 1 : 0;
    check_.nan_merged += std::isnan(merged) ? 1 : 0;
    if (std::isnan(member) != std::isnan(merged)) {
      ++check_.nan_mismatches;
      need(kInfinity, kInfinity);
      fail(index);
    } else if (member != merged && !std::isnan(member)) {  // equal infinities are equal
      const bool is_finite = std::isfinite(member) && std::isfinite(merged);
      const double error = is_finite ? std::abs(merged - member) : kInfinity;
      add_error(error, std::abs(member));
      if (!is_finite || error > absolute_ + relative_ * std::abs(member)) fail(index);
    }
  }

  template <class T>
  void add_integer(std::int64_t index, T member, T merged) {
    if (member == merged) return;
    // Wraps around for signed types, and so the difference is right over their whole range.
    const std::uint64_t greater{static_cast<std::make_unsigned_t<T>>(std::max(member, merged))};
    const std::uint64_t lesser{static_cast<std::make_unsigned_t<T>>(std::min(member, merged))};
    const auto difference = static_cast<std::make_unsigned_t<T>>(greater - lesser);
    add_error(static_cast<double>(difference), std::abs(static_cast<double>(member)));
    fail(index);
  }

  /// A difference that no number measures.
  void add_difference(std::int64_t index) {
    add_error(kInfinity, 1);
    fail(index);
  }

 private:
  void add_error(double error, double magnitude) {
    check_.max_absolute_error = std::max(check_.max_absolute_error, error);
    double relative = kInfinity;
    if (magnitude > 0) {
      relative = std::isfinite(error) ? error / magnitude : kInfinity;
      check_.max_relative_error = std::max(check_.max_relative_error, relative);
      // The quotient is rounded; the tolerance must pass when it is multiplied back.
      while (relative * magnitude < error)
        relative = std::nextafter(relative, kInfinity);
    }
    need(error, relative);
  }

  void need(double absolute, double relative) {
    check_.needed_absolute = std::max(check_.needed_absolute, absolute);
    check_.needed_relative = std::max(check_.needed_relative, relative);
  }

  void fail(std::int64_t index) {
    if (check_.first_bad_index < 0) check_.first_bad_index = index;
  }

  OutputCheck& check_;
  double absolute_;
  double relative_;
};

// `parts` is 2 for complex numbers.
template <class T>
void compare_floats(const Tensor& member, const Tensor& merged, std::int64_t parts,
                    Comparison& comparison) {
  const auto* a = reinterpret_cast<const T*>(member.raw().data());
  const auto* b = reinterpret_cast<const T*>(merged.raw().data());
  for (std::int64_t i = 0; i < member.size() * parts; ++i) {
    comparison.add_float(i / parts, static_cast<double>(a[i]), static_cast<double>(b[i]));
  }
}

template <class T>
void compare_integers(const Tensor& member, const Tensor& merged, Comparison& comparison) {
  const auto a = member.data<T>();
  const auto b = merged.data<T>();
  for (std::size_t i = 0; i < a.size(); ++i) {
    comparison.add_integer(static_cast<std::int64_t>(i), a[i], b[i]);
  }
}

// Types below or of one byte without arithmetic here; sub-byte elements share bytes.
void compare_bytes(const Tensor& member, const Tensor& merged, Comparison& comparison) {
  const auto a = member.raw();
  const auto b = merged.raw();
  const std::int64_t elements_per_byte = 8 / dtype_bits(member.dtype());
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) comparison.add_difference(static_cast<std::int64_t>(i) * elements_per_byte);
  }
}

void compare_strings(const Tensor& member, const Tensor& merged, Comparison& comparison) {
  const auto& a = member.string_values();
  const auto& b = merged.string_values();
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) comparison.add_difference(static_cast<std::int64_t>(i));
  }
}

void compare(const Tensor& a, const Tensor& b, Comparison& comparison) {
  switch (a.dtype()) {
    case DType::Float32:
      return compare_floats<float>(a, b, 1, comparison);
    case DType::Float64:
      return compare_floats<double>(a, b, 1, comparison);
    case DType::Float16:
      return compare_floats<Eigen::half>(a, b, 1, comparison);
    case DType::BFloat16:
      return compare_floats<Eigen::bfloat16>(a, b, 1, comparison);
    case DType::Complex64:
      return compare_floats<float>(a, b, 2, comparison);
    case DType::Complex128:
      return compare_floats<double>(a, b, 2, comparison);
    case DType::Int8:
      return compare_integers<std::int8_t>(a, b, comparison);
    case DType::Int16:
      return compare_integers<std::int16_t>(a, b, comparison);
    case DType::Int32:
      return compare_integers<std::int32_t>(a, b, comparison);
    case DType::Int64:
      return compare_integers<std::int64_t>(a, b, comparison);
    case DType::UInt8:
    case DType::Bool:
      return compare_integers<std::uint8_t>(a, b, comparison);
    case DType::UInt16:
      return compare_integers<std::uint16_t>(a, b, comparison);
    case DType::UInt32:
      return compare_integers<std::uint32_t>(a, b, comparison);
    case DType::UInt64:
      return compare_integers<std::uint64_t>(a, b, comparison);
    case DType::String:
      return compare_strings(a, b, comparison);
    default:
      return compare_bytes(a, b, comparison);
  }
}

template <class T>
double peak_of(const Tensor& tensor) {
  double peak = 0;
  for (const T value : tensor.data<T>()) {
    const double magnitude = std::abs(static_cast<double>(value));
    if (std::isfinite(magnitude)) peak = std::max(peak, magnitude);
  }
  return peak;
}

// The largest finite magnitude; 0 of what is not compared with tolerances.
double largest_magnitude(const Tensor& tensor) {
  switch (tensor.dtype()) {
    case DType::Float32:
      return peak_of<float>(tensor);
    case DType::Float64:
      return peak_of<double>(tensor);
    case DType::Float16:
      return peak_of<Eigen::half>(tensor);
    case DType::BFloat16:
      return peak_of<Eigen::bfloat16>(tensor);
    default:
      return 0;
  }
}

Type type_of(const Tensor& tensor) {
  Shape shape;
  for (const std::int64_t dim : tensor.dims())
    shape.push_back(Dim::known(dim));
  return Type::tensor(tensor.dtype(), std::move(shape));
}

}  // namespace

OutputCheck compare_outputs(const Tensor& member, const Tensor& merged, double absolute_tolerance,
                            double relative_tolerance) {
  OutputCheck check;
  check.type = type_of(member);
  check.elements = member.size();
  Comparison comparison(check, absolute_tolerance, relative_tolerance);
  if (member.dtype() != merged.dtype() || member.dims() != merged.dims()) {
    comparison.add_difference(0);
  } else {
    compare(member.materialised(), merged.materialised(), comparison);
  }
  check.passed = check.first_bad_index < 0;
  return check;
}

OutputCheck compare_outputs(const Tensor& member, const Tensor& merged,
                            const VerifyOptions& options) {
  double absolute = options.absolute_tolerance;
  if (options.peak_tolerance > 0)
    absolute += options.peak_tolerance * largest_magnitude(member.materialised());
  return compare_outputs(member, merged, absolute, options.relative_tolerance);
}

}  // namespace braid
