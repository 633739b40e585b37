#include "kernels/cuda/emulator/emulator.hpp"

#include <memory>
#include <random>

#include "kernels/cuda/emulator/block.hpp"

namespace braid::cuda::emulator {

void launch(const Launch& launch, const std::function<void()>& run_thread, Schedule schedule) {
  if (launch.is_empty()) return;
  const auto block = std::make_unique<Block>(launch, run_thread, schedule);
  const std::uint64_t count = std::uint64_t{launch.grid.x} * launch.grid.y * launch.grid.z;
  const bool is_backward = schedule.order == Order::Backward;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t at = is_backward ? count - 1 - i : i;
    const std::uint64_t row = at / launch.grid.x;
    block->run({static_cast<unsigned>(at % launch.grid.x),
                static_cast<unsigned>(row % launch.grid.y),
                static_cast<unsigned>(row / launch.grid.y)});
  }
}

void launch(const Launch& launch, const void* args, Schedule schedule) {
  const Kernel* kernel = find_kernel(launch.kernel);
  if (kernel == nullptr)
    throw std::invalid_argument(std::string("no kernel has the name ") + launch.kernel);
  emulator::launch(
      launch, [kernel, args] { kernel->emulated(args); }, schedule);
}

}  // namespace braid::cuda::emulator
