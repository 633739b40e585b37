#pragma once

#include <cmath>
#include <string>

#include "braid/onnx.hpp"

namespace braid {

/// The model of that text, in which inputs whose name starts with "w" are weights, with values from
/// -1 to 1.
inline Model model_with_weights(const std::string& text) {
  Model model = parse_model_text(text);
  Graph& graph = model.graph;
  std::erase_if(graph.inputs, [&](ValueId id) {
    Value& value = graph.value(id);
    if (!value.name.starts_with("w")) return false;
    std::vector<std::int64_t> dims;
    for (const Dim& dim : *value.type.shape)
      dims.push_back(dim.size);
    value.constant = Tensor::allocate(value.type.dtype, dims);
    double angle = 0;
    for (float& element : value.constant.mutable_data<float>())
      element = static_cast<float>(std::sin(angle += 12.9898));
    return true;
  });
  return model;
}

/// Floats from -1 to 1.
inline Tensor varied_floats(std::vector<std::int64_t> dims, double seed) {
  Tensor tensor = Tensor::allocate(DType::Float32, std::move(dims));
  for (float& element : tensor.mutable_data<float>())
    element = static_cast<float>(std::sin(seed += 7.233));
  return tensor;
}

}  // namespace braid
