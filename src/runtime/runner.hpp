#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "runtime/frame.hpp"

namespace braid {

/// Runs a Program, with the memory of one run. Used by one thread at a time, and again for the next
/// run.
class Runner {
 public:
  Runner() = default;
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  virtual ~Runner() = default;

  /// The outputs, with memory of their own. `inputs` have the types and dims that the Program was
  /// made for. Throws Error naming the step that failed, and PlanFailure where inference was wrong.
  virtual std::vector<Datum> run(std::span<const Datum> inputs) = 0;

  /// run() that takes the time of each step, in seconds.
  virtual std::vector<double> time_steps(std::span<const Datum> inputs) = 0;
};

/// `arena` is the host's, as Frame has it.
using MakeRunner =
    std::function<std::unique_ptr<Runner>(std::shared_ptr<const Program> program, Arena arena)>;

/// Runs all steps on the host.
std::unique_ptr<Runner> make_host_runner(std::shared_ptr<const Program> program, Arena arena);

}  // namespace braid
