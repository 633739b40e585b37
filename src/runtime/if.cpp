#include <algorithm>

#include "braid/error.hpp"
#include "runtime/reference_call.hpp"
#include "runtime/subgraph_kernel.hpp"

namespace braid {
namespace {

class If final : public SubgraphKernel {
 public:
  using SubgraphKernel::SubgraphKernel;

  void run(std::span<const Datum> inputs, std::span<Datum> outputs) const override {
    const Subgraph& branch = subgraph(bool_of(inputs[0]) ? "then_branch" : "else_branch");
    std::vector<Datum> results = run_subgraph(branch, {}, inputs);
    if (results.size() < outputs.size())
      throw Error(ErrorKind::BadInput, "'" + branch.attribute + "' has too few outputs");
    std::move(results.begin(), results.begin() + static_cast<std::ptrdiff_t>(outputs.size()),
              outputs.begin());
  }
};

}  // namespace

std::unique_ptr<LooseKernel> make_if(const ControlFlow& node) {
  return std::make_unique<If>(node);
}

}  // namespace braid
