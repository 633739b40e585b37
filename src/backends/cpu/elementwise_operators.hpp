#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "backends/cpu/elementwise_builder.hpp"
#include "braid/attribute.hpp"

namespace braid {

/// Whether instructions for the ONNX operator are known, for some types.
bool is_elementwise_operator(std::string_view name);

/// All of them.
std::vector<std::string_view> elementwise_operators();

/// Emits an ONNX operator; an input without type is absent. Nothing if there are no instructions
/// for it, as far as that can be told here: ElementwiseBuilder::finish() knows the types.
std::optional<ElementwiseValue> emit_operator(ElementwiseBuilder& builder, std::string_view name,
                                              const Attributes& attributes,
                                              const std::vector<ElementwiseValue>& inputs);

}  // namespace braid
