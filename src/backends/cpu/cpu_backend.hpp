#pragma once

#include "backends/backend.hpp"

namespace braid {

/// The reference kernels; always there.
const Backend& cpu_backend();

}  // namespace braid
