#pragma once

#include <span>
#include <vector>

#include "braid/compile.hpp"

namespace braid {

/// Throws Error (BadInput) unless the data have the types and dims of the ports, with one size
/// for each symbol. The message lists every input that does not fit.
void check_inputs(const std::vector<Port>& ports, std::span<const Datum> data);

}  // namespace braid
