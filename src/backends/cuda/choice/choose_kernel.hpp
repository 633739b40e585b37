#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backends/cuda/launch_kernel.hpp"
#include "plan/operator.hpp"

namespace braid::cuda {

struct Target;

/// One of several kernels for the same operands, which yield the same but for rounding.
struct Candidate {
  std::string name;    ///< of its form
  double seconds = 0;  ///< modelled
  LaunchPlan plan;
};

/// What a choice is about.
struct Layer {
  std::string key;       ///< type, sizes, strides and epilogue: layers with equal ones are alike
  double tolerance = 0;  ///< what results may be apart, relative to the larger of 1 and themselves
};

/// The candidate that was measured to be fastest, or that the model takes for it where nothing is
/// measured.
std::unique_ptr<const BoundKernel> choose_kernel(const Operator& op, const Layer& layer,
                                                 std::vector<Candidate> candidates,
                                                 const Target& target);

}  // namespace braid::cuda
