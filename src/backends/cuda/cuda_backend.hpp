#pragma once

#include "plan/backend.hpp"

namespace braid {

/// The kernels of kernels/cuda, run by the emulator.
const Backend& emulated_cuda_backend();

}  // namespace braid
