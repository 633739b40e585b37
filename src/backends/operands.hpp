#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "plan/operator.hpp"

/// What binders ask about the operands of an operator.
namespace braid {

/// The integers that an operator has as input `input`, or as an attribute in older operator sets;
/// nothing if they are in neither place or are computed.
std::optional<std::vector<std::int64_t>> constant_ints(const Operator& op, std::size_t input,
                                                       std::string_view attribute);

/// Bytes of an element; 0 if they are not 1, 2, 4 or 8.
std::int64_t element_width(DType dtype);

/// Whether elements have 16 bits and are computed with in float.
inline bool is_narrow(DType dtype) {
  return dtype == DType::Float16 || dtype == DType::BFloat16;
}

/// The axis counted from the front; nothing if it is not in [-rank, rank).
std::optional<std::size_t> axis_of(std::int64_t axis, std::size_t rank);

/// Product of dims[first, last).
std::int64_t product(const std::vector<std::int64_t>& dims, std::size_t first, std::size_t last);
std::int64_t product(const std::vector<std::int64_t>& dims);

/// Steps in elements from one index to the next of a contiguous tensor.
std::vector<std::int64_t> strides_of(const std::vector<std::int64_t>& dims);

}  // namespace braid
