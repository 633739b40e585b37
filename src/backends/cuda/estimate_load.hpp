#pragma once

#include "backends/cuda/gpu.hpp"
#include "plan/step_order.hpp"
#include "runtime/program.hpp"

namespace braid::cuda {

/// How long a kernel runs, from the bytes and FLOPs of its step, the processors that its blocks
/// keep busy, and round figures for what a processor does: a guess, only to see which steps leave
/// much of the device idle.
StepLoad estimate_load(const BoundKernel& kernel, const Work& work, const GpuTraits& traits);

}  // namespace braid::cuda
