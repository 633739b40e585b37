#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/cuda/gpu.hpp"
#include "backends/cuda/launch_kernel.hpp"
#include "backends/cuda/tile_choice.hpp"
#include "plan/operator.hpp"
#include "plan/packed_weights.hpp"

namespace braid::cuda {

class Tuner;

/// What a kernel is bound for.
struct Target {
  Gpu& gpu;
  PackedWeights& weights;
  bool rounds_floats = false;  ///< products of floats may be of tf32
  Tuner* tuner = nullptr;      ///< null: nothing is measured, the model chooses

  TileChoice choice() const { return {gpu.traits(), rounds_floats}; }

  /// Bytes on the device that `pack` makes of a constant, once; null if a kernel is only asked for.
  PackedWeights::Bytes pack(const Tensor& weight, const std::string& format, std::size_t bytes,
                            const std::function<void(std::byte*)>& pack) const;
};

/// Binds one kind of operator; null if the operands are not those that it is made for. Each file
/// bind_*.cpp has those of one operator family.
using Binder = std::unique_ptr<const BoundKernel> (*)(const Operator& op, const Target& target);

/// Null if there is no binder: table.cpp.
Binder find_binder(std::string_view domain, std::string_view name);

/// All that have a binder, by domain and name.
std::vector<std::pair<std::string_view, std::string_view>> bound_operators();

std::unique_ptr<const BoundKernel> bind_arg_extremum(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_attention(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_batch_normalization(const Operator& op,
                                                            const Target& target);
std::unique_ptr<const BoundKernel> bind_channels_last_conv(const Operator& op,
                                                           const Target& target);
std::unique_ptr<const BoundKernel> bind_channels_last_pool(const Operator& op,
                                                           const Target& target);
std::unique_ptr<const BoundKernel> bind_concat(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_constant_of_shape(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_conv(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_conv_transpose(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_depth_to_space(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_einsum(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_elementwise(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_elementwise_chain(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_expand(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_eye_like(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_gather(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_gather_elements(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_gather_nd(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_group_normalization(const Operator& op,
                                                            const Target& target);
std::unique_ptr<const BoundKernel> bind_grouped_matmul(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_identity(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_instance_normalization(const Operator& op,
                                                               const Target& target);
std::unique_ptr<const BoundKernel> bind_layer_normalization(const Operator& op,
                                                            const Target& target);
std::unique_ptr<const BoundKernel> bind_member_normalization(const Operator& op,
                                                             const Target& target);
std::unique_ptr<const BoundKernel> bind_matmul(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_one_hot(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_pad(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_pool(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_recurrent(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_reduce(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_resize(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_reverse_sequence(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_scan(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_scatter_elements(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_scatter_nd(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_skip_layer_normalization(const Operator& op,
                                                                 const Target& target);
std::unique_ptr<const BoundKernel> bind_slice(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_softmax(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_space_to_depth(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_split(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_tile(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_top_k(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_transpose(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_trilu(const Operator& op, const Target& target);
std::unique_ptr<const BoundKernel> bind_volume_conv(const Operator& op, const Target& target);

}  // namespace braid::cuda
