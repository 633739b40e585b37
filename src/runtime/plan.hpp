#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "runtime/runner.hpp"

namespace braid {

/// A Program that computes some of a model's outputs from some of its inputs.
struct Part {
  std::string name;  ///< of the member that it computes; empty if it computes all
  std::shared_ptr<const Program> program;
  std::vector<std::size_t> inputs;   ///< of the model, in the order of the Program's
  std::vector<std::size_t> outputs;  ///< of the model, in the order of the Program's
};

/// How a model is computed: parts that do not depend on each other. A single part has all threads;
/// several run side by side, each on one thread.
struct Plan {
  std::vector<Part> parts;
  std::size_t output_count = 0;
  std::size_t lanes = 1;  ///< parts that run at once

  /// One Program for all.
  static Plan whole(std::shared_ptr<const Program> program);

  /// Of one lane: its parts run one after the other in the same memory.
  std::size_t arena_bytes() const;
};

/// The memory of one run of a Plan. Used by one thread at a time, and again for the next run.
class PlanFrame {
 public:
  PlanFrame(std::shared_ptr<const Plan> plan, const MakeRunner& make_runner);

  const Plan& plan() const { return *plan_; }

  /// Throws what the part that failed first threw.
  std::vector<Datum> run(std::span<const Datum> inputs);

  /// Seconds of each step, part by part, each on the threads that it has in a run.
  std::vector<double> time_steps(std::span<const Datum> inputs);

 private:
  using Runners = std::vector<std::unique_ptr<Runner>>;  // by part

  void run_part(std::size_t part, std::size_t lane, std::span<const Datum> inputs,
                std::span<Datum> outputs);

  std::shared_ptr<const Plan> plan_;
  std::vector<Runners> lanes_;
};

}  // namespace braid
