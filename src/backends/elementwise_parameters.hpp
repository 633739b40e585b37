#pragma once

#include <optional>
#include <string_view>

#include "braid/attribute.hpp"
#include "braid/tensor.hpp"

namespace braid {

/// Numbers that an elementwise operator computes with besides its operands.
struct ElementwiseParameters {
  float a = 0.0F;
  float b = 0.0F;
};

/// Those that attributes give to an activation (alpha first), with ONNX's defaults; zeros for
/// operators without any.
ElementwiseParameters activation_parameters(std::string_view name, const Attributes& attributes);

/// The infinities that IsInf looks for; NaN in the place of one that it does not.
ElementwiseParameters searched_infinities(const Attributes& attributes);

/// The value of a known float scalar; nothing for others, and for null.
std::optional<float> float_of(const Tensor* constant);

}  // namespace braid
