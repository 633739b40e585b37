#pragma once

#include <span>
#include <vector>

#include "runtime/frame.hpp"

namespace braid {

/// Runs all steps of the frame's Program. `inputs` have the types and dims that it was made for.
/// Throws Error naming the step that failed, and PlanFailure where inference was wrong.
std::vector<Datum> run_program(Frame& frame, std::span<const Datum> inputs);

/// Runs step `s`, whose kernel is one of the host. Throws as run_program() does.
void run_step(std::size_t s, Frame& frame);

/// run_program() that takes the time of each step, in seconds.
std::vector<double> time_steps(Frame& frame, std::span<const Datum> inputs);

}  // namespace braid
