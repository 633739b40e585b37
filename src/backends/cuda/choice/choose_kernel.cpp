#include "backends/cuda/choice/choose_kernel.hpp"

#include <algorithm>

#include "backends/cuda/bind.hpp"
#include "backends/cuda/choice/tuner.hpp"

namespace braid::cuda {

std::unique_ptr<const BoundKernel> choose_kernel(const Operator& op, const Layer& layer,
                                                 std::vector<Candidate> candidates,
                                                 const Target& target) {
  Choice choice = cheapest(candidates);
  const bool is_measured = target.tuner != nullptr && !target.weights.is_asking();
  if (is_measured && candidates.size() > 1) choice = target.tuner->choose(op, layer, candidates);
  LaunchPlan plan = std::move(candidates[choice.index].plan);
  if (candidates.size() > 1) plan.choice = std::move(choice.reason);
  return make_launch_kernel(std::move(plan), op.inputs.size(), op.outputs.size());
}

}  // namespace braid::cuda
