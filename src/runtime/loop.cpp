#include <limits>

#include "braid/error.hpp"
#include "runtime/reference_call.hpp"
#include "runtime/subgraph_kernel.hpp"

namespace braid {
namespace {

// Number and condition are scalars, but some bodies declare them as [1].
std::vector<std::int64_t> dims_of_one(const Type& declared) {
  const bool is_vector = declared.shape && declared.shape->size() == 1;
  return is_vector ? std::vector<std::int64_t>{1} : std::vector<std::int64_t>{};
}

Tensor tensor_of(bool value) {
  Tensor tensor = Tensor::allocate(DType::Bool, {});
  tensor.mutable_data<std::uint8_t>()[0] = value ? 1 : 0;
  return tensor;
}

// Inputs M, cond, states. The body: (turn, cond, states) => (cond, states, scan outputs).
class Loop final : public SubgraphKernel {
 public:
  explicit Loop(const ControlFlow& node) : SubgraphKernel(node), body_(subgraph("body")) {}

  void run(std::span<const Datum> inputs, std::span<Datum> outputs) const override {
    const std::span<const Datum> own = own_inputs(inputs);
    if (own.size() < 2 || body_.inputs.size() != own.size() ||
        body_.outputs.size() != 1 + outputs.size() || outputs.size() + 2 < own.size()) {
      throw Error(ErrorKind::BadInput, "its body has other inputs or outputs than it must");
    }
    const std::int64_t limit = own[0] ? int_of(own[0]) : std::numeric_limits<std::int64_t>::max();
    bool goes_on = !own[1] || bool_of(own[1]);
    std::vector<Datum> states(own.begin() + 2, own.end());
    std::vector<std::vector<Tensor>> scans(outputs.size() - states.size());
    for (std::int64_t turn = 0; goes_on && turn < limit; ++turn) {
      std::vector<Datum> results = run_subgraph(body_, arguments(turn, states), inputs);
      goes_on = bool_of(results[0]);
      const auto first_scan = results.begin() + 1 + static_cast<std::ptrdiff_t>(states.size());
      states.assign(results.begin() + 1, first_scan);
      for (std::size_t s = 0; s < scans.size(); ++s)
        scans[s].push_back(first_scan[static_cast<std::ptrdiff_t>(s)].tensor());
    }
    const std::size_t count = states.size();
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      outputs[i] = i < count ? states[i] : stack_turns(body_, 1 + i, i, scans[i - count], 0);
    }
  }

 private:
  std::vector<Datum> arguments(std::int64_t turn, const std::vector<Datum>& states) const {
    std::vector<Datum> arguments{
        Tensor::of<std::int64_t>({}, {turn}).reshaped(dims_of_one(body_.inputs[0])),
        tensor_of(true).reshaped(dims_of_one(body_.inputs[1]))};
    arguments.insert(arguments.end(), states.begin(), states.end());
    return arguments;
  }

  const Subgraph& body_;
};

}  // namespace

std::unique_ptr<LooseKernel> make_loop(const ControlFlow& node) {
  return std::make_unique<Loop>(node);
}

}  // namespace braid
