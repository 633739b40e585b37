#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "braid/types.hpp"
#include "passes/shape_values.hpp"

namespace braid {

/// Whether dim `i` of `a` and dim `j` of `b` are certain to have one size, given that tensors of
/// these shapes have equally many elements.
bool is_same_dim(const Shape& a, std::size_t i, const Shape& b, std::size_t j);

/// What a Reshape with this target yields: -1 is resolved, also where symbols cancel out. Dims that
/// stay unknown have no symbol.
Shape reshaped(const Shape& from, const std::vector<ShapeElement>& target, bool allows_zero);

/// The one spelling of the Reshape from one shape to the other: 0 where a dim stays in place whose
/// size is not known, -1 for one other unknown dim. Empty if more are unknown, or if a known dim is
/// 0, where -1 would be ambiguous. A 0 in the `given` target also tells that a dim stays.
std::optional<std::vector<std::int64_t>> reshape_target(
    const Shape& from, const Shape& to, const std::vector<std::int64_t>& given = {});

}  // namespace braid
