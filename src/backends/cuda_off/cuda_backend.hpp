#pragma once

#include "backends/backend.hpp"

namespace braid {

/// Stands in where the CUDA backend is not built. Throws Error (Device).
const Backend& cuda_backend();

}  // namespace braid
