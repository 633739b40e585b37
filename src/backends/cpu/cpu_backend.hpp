#pragma once

#include "plan/backend.hpp"

namespace braid {

/// Kernels for the host's processor; what has none is left to the reference kernels.
const Backend& cpu_backend();

}  // namespace braid
