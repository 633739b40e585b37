#pragma once

#include <memory>
#include <vector>

#include "backends/cuda/choice/choose_kernel.hpp"
#include "backends/cuda/gpu.hpp"

namespace braid::cuda {

/// Runs candidates of one layer in memory of its own: inputs are seeded numbers in [-1, 1], outputs
/// are NaN before each check. All functions throw Error if the device or a kernel fails.
class LayerBench {
 public:
  /// Takes memory for all operands that `op` reads and writes, and for the largest workspace.
  LayerBench(Gpu& gpu, const Operator& op, const std::vector<Candidate>& candidates);

  /// What a candidate writes, all outputs one after the other.
  std::vector<float> results_of(const Candidate& candidate);

  /// The shortest time of some runs, in seconds, with nothing of the operands in the device's
  /// cache: in a merged model the weights of all other layers pass through it between two runs, and
  /// it is weights that short products wait for.
  double seconds_of(const Candidate& candidate);

 private:
  struct Prepared {
    std::unique_ptr<const BoundKernel> kernel;
    std::unique_ptr<PreparedCall> call;
  };
  Prepared prepare(const Candidate& candidate);
  void fill(std::byte* to, const Operand& operand);

  Gpu& gpu_;
  const Operator& op_;
  std::unique_ptr<GpuStream> stream_;
  std::vector<std::shared_ptr<std::byte>> inputs_;
  std::vector<std::shared_ptr<std::byte>> outputs_;
  std::shared_ptr<std::byte> workspace_;
  std::shared_ptr<std::byte> failure_;
  std::shared_ptr<std::byte> flush_;
  std::size_t flush_bytes_ = 0;
};

}  // namespace braid::cuda
