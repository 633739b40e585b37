#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>

#include "kernels/cuda/launch.hpp"

/// Runs the source of the CUDA kernels on the host, compiled as C++. Shared memory starts out as
/// NaN, and the order in which threads run changes from barrier to barrier: a missing barrier
/// gives wrong numbers.
namespace braid::cuda::emulator {

/// In which order the threads that can run do so, until the next barrier of any kind. The last two
/// let a warp run as far as it can before the next one does: it may be ahead of others by what lies
/// between two barriers of the block.
enum class Order : std::uint8_t {
  Forward,
  Backward,
  Alternating,
  Random,
  WarpByWarp,
  WarpByWarpBackward,
};

struct Schedule {
  Order order = Order::Alternating;
  std::uint32_t seed = 1;
};

/// A kernel that would hang or read what is undefined on a device.
class EmulatorError : public std::runtime_error {
 public:
  EmulatorError(const std::string& cause, const char* place)
      : std::runtime_error(cause + ", in " + place) {}
};

/// Runs all blocks, one after the other; returns when all are done. `args` is the struct of the
/// kernel's family. Throws EmulatorError, and std::invalid_argument if no kernel has the name.
void launch(const Launch& launch, const void* args, Schedule schedule = {});

/// The same for a function that is one thread of a kernel.
void launch(const Launch& launch, const std::function<void()>& run_thread, Schedule schedule = {});

}  // namespace braid::cuda::emulator
