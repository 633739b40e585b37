// A model file: compiled, given random inputs, and run.

#include <algorithm>
#include <cstdlib>

#include "braid/compile.hpp"
#include "braid/limits.hpp"
#include "braid/verify.hpp"
#include "fuzz/fuzz_target.hpp"
#include "fuzz/memory_model.hpp"
#include "fuzz/mutate_model.hpp"
#include "ir/traverse.hpp"

using namespace braid;

namespace {

// What a model computes may take any time; that is not what is looked for here.
bool may_be_endless(const Graph& graph) {
  return std::ranges::any_of(graph.nodes, [](const Node& node) {
    bool is_endless = node.is("Loop");
    for_each_subgraph(node, [&](const GraphPtr& inner) { is_endless |= may_be_endless(*inner); });
    return is_endless;
  });
}

bool is_much_work(const ProgramReport& report) {
  constexpr double kMuch = 3e7;  // bytes and operations
  double work = 0;
  for (const StepReport& step : report.steps)
    work += static_cast<double>(step.bytes_moved) + static_cast<double>(step.flops.value_or(0));
  return work > kMuch;
}

void run(const Model& model) {
  if (may_be_endless(model.graph)) return;
  const Executable program = compile(model, {.threads = 1});
  const std::vector<Datum> inputs = to_data(sample_inputs(model, program.inputs(), 1, {}));
  if (is_much_work(program.report(inputs))) return;
  program.run(inputs);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Limits limits;
  limits.memory = std::uint64_t{64} << 20;
  limits.nodes = 10000;
  set_limits(limits);
  fuzz::expect_success_or_error([&] { run(fuzz::load_from_memory(data, size)); });
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned int seed) {
  return fuzz::mutate_model(data, size, max_size, seed);
}
