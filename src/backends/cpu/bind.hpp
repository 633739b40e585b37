#pragma once

#include <memory>
#include <string_view>

#include "plan/operator.hpp"
#include "plan/packed_weights.hpp"
#include "runtime/kernel.hpp"

namespace braid {

/// Binds one kind of operator; null if the operands are not those that it is made for. Each file
/// bind_*.cpp has those of one operator family.
using Binder = std::unique_ptr<const BoundKernel> (*)(const Operator& op, PackedWeights& weights);

/// Null if there is no binder: table.cpp.
Binder find_binder(std::string_view domain, std::string_view name);

std::unique_ptr<const BoundKernel> bind_batch_normalization(const Operator& op,
                                                            PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_conv(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_elementwise(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_elementwise_chain(const Operator& op,
                                                          PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_group_normalization(const Operator& op,
                                                            PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_instance_normalization(const Operator& op,
                                                               PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_layer_normalization(const Operator& op,
                                                            PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_log_softmax(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_matmul(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_pool(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_reduce(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_skip_layer_normalization(const Operator& op,
                                                                 PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_softmax(const Operator& op, PackedWeights& weights);

}  // namespace braid
