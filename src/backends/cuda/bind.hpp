#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/cuda/device.hpp"
#include "backends/cuda/launch_kernel.hpp"
#include "kernels/cuda/element.hpp"
#include "plan/operator.hpp"
#include "plan/packed_weights.hpp"

namespace braid::cuda {

/// What a kernel is bound for.
struct Target {
  Device& device;
  PackedWeights& weights;

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

std::unique_ptr<const BoundKernel> bind_matmul(const Operator& op, const Target& target);

}  // namespace braid::cuda
