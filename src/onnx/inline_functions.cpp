#include "onnx/inline_functions.hpp"

#include <unordered_map>

#include "braid/error.hpp"
#include "onnx/check_expansion.hpp"
#include "onnx/inliner/inliner.h"
#include "onnx/proto.hpp"

namespace braid {

void inline_functions(Model& model) {
  if (model.functions.empty()) return;
  // Weights make the round trip by name only.
  const auto is_small = [](const Tensor& tensor) { return tensor.bytes() < 256; };
  onnx::ModelProto proto = model_to_proto(model, is_small);
  std::unordered_map<std::string, Tensor> weights;
  for (const Value& value : model.graph.values) {
    if (!value.is_constant() || is_small(value.constant)) continue;
    *proto.mutable_graph()->add_initializer() = initializer_header(value);
    weights.emplace(value.name, value.constant);
  }
  check_expansion(proto);
  try {
    onnx::inliner::InlineLocalFunctions(proto, /*convert_version=*/false);
  } catch (const std::exception& error) {
    throw Error(ErrorKind::BadInput,
                std::string("model-local functions cannot be inlined: ") + error.what());
  }
  WeightFiles none("inlined model");
  auto source = std::move(model.source);
  model = model_from_proto(proto, none);
  model.source = std::move(source);
  for (Value& value : model.graph.values) {
    if (const auto found = weights.find(value.name); found != weights.end()) {
      value.constant = found->second;
    }
  }
}

}  // namespace braid
