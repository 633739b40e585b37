#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "backends/cuda/chain_builder.hpp"
#include "braid/attribute.hpp"

namespace braid::cuda {

bool is_elementwise_operator(std::string_view name);
std::vector<std::string_view> elementwise_operators();

/// Adds what an operator of ai.onnx computes to a chain; nothing if there are no steps for it.
std::optional<ChainValue> emit_operator(ChainBuilder& builder, std::string_view name,
                                        const Attributes& attributes,
                                        const std::vector<ChainValue>& inputs);

}  // namespace braid::cuda
