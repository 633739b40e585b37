#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "plan/operator.hpp"
#include "plan/packed_weights.hpp"
#include "runtime/kernel.hpp"

namespace braid {

/// Binds one kind of operator; null if the operands are not those that it is made for. Each file
/// bind_*.cpp has those of one operator family.
using Binder = std::unique_ptr<const BoundKernel> (*)(const Operator& op, PackedWeights& weights);

/// Null if there is no binder: table.cpp.
Binder find_binder(std::string_view domain, std::string_view name);

/// Domain and name.
using OperatorName = std::pair<std::string_view, std::string_view>;

/// All that have a binder.
std::vector<OperatorName> bound_operators();

std::unique_ptr<const BoundKernel> bind_conv(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_pool(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_arg_max(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_arg_min(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_attention(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_batch_normalization(const Operator& op,
                                                            PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_concat(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_constant_of_shape(const Operator& op,
                                                          PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_cum_sum(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_depth_to_space(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_elementwise(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_elementwise_chain(const Operator& op,
                                                          PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_expand(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_eye_like(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_gather(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_gather_elements(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_gather_nd(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_group_normalization(const Operator& op,
                                                            PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_gru(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_instance_normalization(const Operator& op,
                                                               PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_layer_normalization(const Operator& op,
                                                            PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_log_softmax(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_lstm(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_matmul(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_one_hot(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_pad(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_reduce(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_resize(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_reverse_sequence(const Operator& op,
                                                         PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_rnn(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_scatter_elements(const Operator& op,
                                                         PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_scatter_nd(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_skip_layer_normalization(const Operator& op,
                                                                 PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_slice(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_softmax(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_space_to_depth(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_split(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_tile(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_top_k(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_transpose(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_trilu(const Operator& op, PackedWeights& weights);

}  // namespace braid
