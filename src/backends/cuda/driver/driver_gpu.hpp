#pragma once

#include "backends/cuda/gpu.hpp"

namespace braid {

/// The GPU number `ordinal` of those that the driver lists, as CUDA_VISIBLE_DEVICES has it. Throws
/// Error (Device) that says what is missing: the driver, a device, or the kernels.
std::unique_ptr<Gpu> open_gpu(int ordinal);

}  // namespace braid
