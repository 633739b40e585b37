#pragma once

#include <memory>

#include "backends/cuda/gpu.hpp"
#include "runtime/runner.hpp"

namespace braid {

/// Runs a Program on the device, which outlives it: each run of steps that have kernels there is
/// one captured graph, and what has none runs on the host between two graphs, with its operands
/// copied to the host's arena.
std::unique_ptr<Runner> make_device_runner(Gpu& gpu, std::shared_ptr<const Program> program,
                                           Arena arena);

}  // namespace braid
