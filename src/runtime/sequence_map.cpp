#include "braid/error.hpp"
#include "runtime/subgraph_kernel.hpp"

namespace braid {
namespace {

// Runs the body for each element of the first input; of further sequences it gets the element at
// the same place, of anything else the whole.
class SequenceMap final : public SubgraphKernel {
 public:
  using SubgraphKernel::SubgraphKernel;

  void run(std::span<const Datum> inputs, std::span<Datum> outputs) const override {
    const Subgraph& body = subgraph("body");
    if (body.outputs.size() != outputs.size())
      throw Error(ErrorKind::BadInput, "its body has another number of outputs");
    const std::span<const Datum> own = own_inputs(inputs);
    std::vector<std::vector<Datum>> results(outputs.size());
    for (std::size_t at = 0; at < own[0].elements().size(); ++at) {
      std::vector<Datum> arguments;
      for (const Datum& given : own)
        arguments.push_back(element_at(given, at));
      const std::vector<Datum> turn = run_subgraph(body, std::move(arguments), inputs);
      for (std::size_t i = 0; i < results.size(); ++i)
        results[i].push_back(turn[i]);
    }
    for (std::size_t i = 0; i < outputs.size(); ++i)
      outputs[i] = Datum::sequence(std::move(results[i]));
  }

 private:
  static Datum element_at(const Datum& given, std::size_t at) {
    if (given.kind() != Datum::Kind::Sequence) return given;
    if (at < given.elements().size()) return given.elements()[at];
    throw Error(ErrorKind::BadInput, "its sequences are of different lengths");
  }
};

}  // namespace

std::unique_ptr<LooseKernel> make_sequence_map(const ControlFlow& node) {
  return std::make_unique<SequenceMap>(node);
}

}  // namespace braid
