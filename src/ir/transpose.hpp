#pragma once

#include <optional>

#include "braid/tensor.hpp"

namespace braid {

/// The tensor with its axes in the order `perm`: a stream over `tensor`, of which only some rows
/// are ever in memory. Empty for strings and for elements that are not whole bytes.
std::optional<Tensor> transposed(const Tensor& tensor, const std::vector<std::int64_t>& perm);

}  // namespace braid
