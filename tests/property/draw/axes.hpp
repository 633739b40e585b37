#pragma once

#include "property/builder.hpp"

namespace braid::property {

/// `axis` of `rank`, counted from the front or from the back.
inline std::int64_t either_sign(Builder& b, int axis, int rank) {
  return b.chance(50) ? axis : axis - rank;
}

/// Different axes of a rank, in any order and with any sign.
inline Builder::Ints draw_axes(Builder& b, int rank, int percent = 40) {
  Builder::Ints axes;
  for (int axis = 0; axis < rank; ++axis) {
    if (b.chance(percent)) axes.push_back(either_sign(b, axis, rank));
  }
  if (axes.size() > 1 && b.chance(30)) std::swap(axes.front(), axes.back());
  return axes;
}

/// Puts integers where the opset has them: in an attribute before `since`, then in the next input.
inline void put_ints(Builder& b, int since, const std::string& name, const Builder::Ints& values,
                     std::vector<ValueId>& inputs, Attributes& attributes) {
  if (b.opset() < since) {
    attributes.set(name, values);
  } else {
    inputs.push_back(b.ints(values));
  }
}

}  // namespace braid::property
