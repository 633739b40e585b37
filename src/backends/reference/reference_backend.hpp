#pragma once

#include "plan/backend.hpp"

namespace braid {

/// The reference kernels, and nothing else.
const Backend& reference_backend();

}  // namespace braid
