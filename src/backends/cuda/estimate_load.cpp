#include "backends/cuda/estimate_load.hpp"

#include <algorithm>

#include "backends/cuda/choice/gpu_rates.hpp"

namespace braid::cuda {
namespace {

// Until a kernel in a graph has begun and the next one may.
constexpr double kLeastSeconds = 2e-6;

}  // namespace

StepLoad estimate_load(const BoundKernel& kernel, const Work& work, const GpuTraits& traits) {
  const double processors = traits.processors;
  const double blocks = static_cast<double>(std::max<std::size_t>(kernel.blocks(), 1));
  const double share = std::min(1.0, blocks / processors);
  const double moving = static_cast<double>(work.bytes) / traits.bandwidth;
  const double computing =
      static_cast<double>(work.flops.value_or(0)) / (processors * arithmetic_rate(traits));
  const double busy = std::max(moving, computing);
  const double least = kLeastSeconds * static_cast<double>(kernel.launches());
  return {std::max(least, busy / share), busy};
}

}  // namespace braid::cuda
