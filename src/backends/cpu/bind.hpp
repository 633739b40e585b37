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

std::unique_ptr<const BoundKernel> bind_conv(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_pool(const Operator& op, PackedWeights& weights);
std::unique_ptr<const BoundKernel> bind_matmul(const Operator& op, PackedWeights& weights);

}  // namespace braid
