#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "backends/cuda/choice/choose_kernel.hpp"
#include "backends/cuda/choice/tuning_file.hpp"
#include "backends/cuda/gpu.hpp"

namespace braid::cuda {

struct Choice {
  std::size_t index = 0;
  std::string reason;  ///< as BoundKernel::choice() has it
};

/// The one that takes least as it is modelled.
Choice cheapest(const std::vector<Candidate>& candidates);

/// Chooses by measuring on a device, once for layers that are alike. Safe to use from several
/// threads, of which one measures at a time.
class Tuner {
 public:
  /// The device outlives it. What is measured is kept in the file; an empty path: in memory alone.
  Tuner(Gpu& gpu, const std::filesystem::path& file);

  /// The first candidate is what the others are compared with: those that fail, or yield something
  /// else, are left out with a warning. If the device has no room to measure, the model chooses.
  Choice choose(const Operator& op, const Layer& layer, const std::vector<Candidate>& candidates);

  /// What went wrong: candidates that were left out, a file that was damaged.
  std::vector<std::string> warnings() const;

 private:
  Choice measure(const Operator& op, const Layer& layer, const std::vector<Candidate>& candidates);
  std::vector<std::size_t> worth_measuring(const std::vector<Candidate>& candidates) const;
  bool is_right(const std::vector<float>& results, const std::vector<float>& expected,
                const Layer& layer, const Candidate& candidate);

  Gpu& gpu_;
  mutable std::mutex mutex_;
  TuningFile file_;
  std::vector<std::string> warnings_;
};

}  // namespace braid::cuda
