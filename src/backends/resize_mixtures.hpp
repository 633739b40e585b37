#pragma once

#include <optional>
#include <vector>

#include "kernels/reference/resize.hpp"
#include "plan/operator.hpp"

namespace braid {

/// By place along an axis of what Resize makes: of which places of its input that is mixed.
using Mixtures = std::vector<reference::Mixture>;

/// By axis, as the reference has it; nothing if it does not take the operands, or they are
/// computed.
std::optional<std::vector<Mixtures>> resize_mixtures_of(const Operator& op);

/// Whether an axis of `size` elements stays as it is.
bool is_kept(const Mixtures& mixtures, std::int64_t size);

}  // namespace braid
