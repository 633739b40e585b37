#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "braid/attribute.hpp"
#include "braid/datum.hpp"

namespace braid {

/// What the reference kernel of an operator of ai.onnx (as of opset 18) computes.
std::vector<Tensor> call_reference(const std::string& op, const Attributes& attributes,
                                   const std::vector<Tensor>& inputs, std::size_t outputs = 1);

/// The tensors one behind the other along an axis that they have.
Tensor join_along(std::int64_t axis, const std::vector<Tensor>& tensors);

/// The tensors, all of one shape, along a new axis.
Tensor stack_along(std::int64_t axis, std::vector<Tensor> tensors);

/// What lies at `index` of an axis, without that axis.
Tensor take_slice(const Tensor& tensor, std::int64_t axis, std::int64_t index);

/// The one integer in a tensor (int32 or int64). Throws Error (BadInput) for others.
std::int64_t int_of(const Datum& datum);

/// The one truth value in a tensor (bool). Throws Error (BadInput) for others.
bool bool_of(const Datum& datum);

}  // namespace braid
