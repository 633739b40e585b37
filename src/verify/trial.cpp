#include "verify/trial.hpp"

#include <limits>
#include <map>

#include "braid/canonicalise.hpp"
#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "verify/index_bounds.hpp"

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
  const std::vector<std::int64_t> bounds = index_bounds(typed.graph);
  for (const ValueId id : typed.graph.inputs) {
    const Value& value = typed.graph.value(id);
    if (value.is_constant()) continue;
    ports.push_back({value.name, value.type});
    trial.input_names.push_back(value.name);
    trial.input_bounds.push_back(bounds[static_cast<std::size_t>(id)]);
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

void share_samples(std::vector<Trial>& trials, const std::vector<std::vector<std::string>>& names) {
  struct Sample {
    std::int64_t bound;
    Tensor tensor;
  };
  std::map<std::string, Sample> samples;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    for (std::size_t k = 0; k < names[i].size(); ++k) {
      const std::int64_t own = trials[i].input_bounds[k];
      const std::int64_t bound = own == kNoBound ? std::numeric_limits<std::int64_t>::max() : own;
      const Sample sample{bound, trials[i].inputs[k]};
      const auto [known, is_new] = samples.try_emplace(names[i][k], sample);
      if (!is_new && bound < known->second.bound) known->second = sample;
    }
  }
  for (std::size_t i = 0; i < trials.size(); ++i) {
    for (std::size_t k = 0; k < names[i].size(); ++k)
      trials[i].inputs[k] = samples.at(names[i][k]).tensor;
  }
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
