#pragma once

#include "passes/passes.hpp"

namespace braid {

/// An Evaluator that uses the reference kernels.
std::optional<std::vector<Tensor>> evaluate(const Node& node, std::int64_t opset,
                                            std::span<const Tensor> inputs);

}  // namespace braid
