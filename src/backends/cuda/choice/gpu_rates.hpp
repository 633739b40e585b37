#pragma once

#include "backends/cuda/gpu.hpp"

namespace braid::cuda {

/// Multiplications and additions that a processor of the device does per second, with all of its
/// units at work.
double arithmetic_rate(const GpuTraits& gpu);

/// The same of its tensor cores, for factors of 16 bits, or of tf32; 0 where it has none.
double tensor_rate(const GpuTraits& gpu, Element element);

}  // namespace braid::cuda
