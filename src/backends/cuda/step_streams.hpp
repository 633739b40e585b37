#pragma once

#include <memory>
#include <span>
#include <vector>

#include "backends/cuda/gpu.hpp"
#include "runtime/program.hpp"

namespace braid {

/// The streams that the steps of a Program run in on a device, and the events by which they wait
/// for each other. Captured, they are the branches of a graph. Used by one thread at a time.
class StepStreams {
 public:
  StepStreams(Gpu& gpu, std::shared_ptr<const Program> program);

  /// What waits for all steps, and all steps for it.
  GpuStream& main() { return *streams_[0]; }
  GpuStream& of(std::size_t step) { return *streams_[program_->steps[step].stream]; }

  /// Puts the work of steps [first, last) into their streams, behind what is in the main one.
  /// `calls` are by step.
  void add(std::size_t first, std::size_t last,
           std::span<const std::unique_ptr<PreparedCall>> calls);

 private:
  void fork();
  void join();

  std::shared_ptr<const Program> program_;
  std::vector<std::unique_ptr<GpuStream>> streams_;
  std::vector<std::unique_ptr<GpuEvent>> ends_;  // by stream: the last of its work
  std::vector<std::unique_ptr<GpuEvent>> done_;  // by step; null if no other stream waits for it
};

}  // namespace braid
