#include "braid/graph.hpp"

#include <algorithm>

namespace braid {

ValueId Graph::add_value(std::string value_name, Type type) {
  Value& added = values.emplace_back();
  added.name = std::move(value_name);
  added.type = std::move(type);
  return static_cast<ValueId>(values.size() - 1);
}

ValueId Graph::add_constant(std::string value_name, Tensor data) {
  Shape shape;
  for (const std::int64_t dim : data.dims())
    shape.push_back(Dim::known(dim));
  const ValueId id = add_value(std::move(value_name), Type::tensor(data.dtype(), std::move(shape)));
  value(id).constant = std::move(data);
  return id;
}

bool Graph::is_input(ValueId id) const {
  return std::find(inputs.begin(), inputs.end(), id) != inputs.end();
}

bool Graph::is_output(ValueId id) const {
  return std::find(outputs.begin(), outputs.end(), id) != outputs.end();
}

std::int64_t Model::opset(std::string_view opset_domain) const {
  for (const auto& [name, version] : opsets) {
    if (name == opset_domain || (opset_domain.empty() && name == "ai.onnx")) return version;
  }
  return 0;
}

}  // namespace braid
