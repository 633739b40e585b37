#pragma once

#include "backends/cuda/gpu.hpp"
#include "plan/step_order.hpp"
#include "runtime/program.hpp"

namespace braid::cuda {

/// How long a kernel runs, from the bytes and FLOPs of its step, the device's rates in float, and
/// the processors that its blocks keep busy: a guess, only to see which steps leave much of the
/// device idle.
StepLoad estimate_load(const BoundKernel& kernel, const Work& work, const GpuTraits& traits);

}  // namespace braid::cuda
