#include "verify/trial.hpp"

#include "braid/canonicalise.hpp"
#include "braid/error.hpp"
#include "braid/onnx.hpp"

namespace braid {
namespace {

// Types tell how large the tables are that the inputs index. A model whose types cannot be
// inferred may still run, so its errors are left to run().
Model with_types(const Model& model) {
  Model typed = model;
  try {
    if (typed.functions.empty()) {
      infer_types(typed);
    } else {
      canonicalise(typed);
    }
  } catch (const Error&) {
    return model;
  }
  return typed;
}

}  // namespace

Trial make_trial(const Model& model, std::uint64_t seed, const VerifyOptions& options) {
  const Model typed = with_types(model);
  Trial trial;
  std::vector<Port> ports;
  for (const ValueId id : typed.graph.inputs) {
    const Value& value = typed.graph.value(id);
    if (value.is_constant()) continue;
    ports.push_back({value.name, value.type});
    trial.input_names.push_back(value.name);
  }
  trial.inputs = sample_inputs(typed, ports, seed, options.dims);
  for (const Tensor& tensor : trial.inputs)
    trial.signature += describe(tensor) + ";";
  for (const ValueId id : typed.graph.outputs) {
    const Value& value = typed.graph.value(id);
    trial.output_names.push_back(value.name);
    trial.signature += "->" + std::string(dtype_name(value.type.dtype));
  }
  return trial;
}

void choose_controls(std::vector<Trial>& trials) {
  for (std::size_t i = 0; i < trials.size(); ++i) {
    for (std::size_t step = 1; step < trials.size() && !trials[i].next; ++step) {
      const std::size_t other = (i + step) % trials.size();
      if (trials[other].signature == trials[i].signature) trials[i].next = other;
    }
  }
}

}  // namespace braid
