#pragma once

#include "plan/backend.hpp"

namespace braid {

/// Stands in where the CUDA backend is not built. Throws Error (Device).
const Backend& cuda_backend();

}  // namespace braid
