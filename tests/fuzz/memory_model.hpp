#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "braid/onnx.hpp"
#include "braid/synth.hpp"

namespace braid::fuzz {

/// Loads a model from bytes in memory. Weights that it lacks are made up, if they are small.
inline Model load_from_memory(const std::uint8_t* data, std::size_t size) {
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  const auto bytes = std::make_shared<const std::vector<std::byte>>(begin, begin + size);
  auto source = std::make_shared<ModelSource>();
  source->files.push_back({"", *bytes, bytes, {}});
  Model model = load_model(std::move(source), "hostile.onnx");
  constexpr std::size_t kMost = std::size_t{1} << 20;
  std::size_t missing = 0;
  for (const Value& value : model.graph.values) {
    if (value.is_constant() && !value.constant.has_data()) missing += value.constant.bytes() + 1;
  }
  return missing == 0 || missing > kMost ? model : synthesise(model, {}, 0);
}

/// The model with other weights, as another member would have them.
inline Model with_other_weights(const Model& model) {
  SynthOptions options;
  options.count = 2;
  options.seed = 1;
  return synthesise(model, options, 1);
}

/// The bytes of its weights.
inline std::size_t weight_bytes(const Model& model) {
  std::size_t bytes = 0;
  for (const Value& value : model.graph.values) {
    if (value.is_constant()) bytes += value.constant.bytes();
  }
  return bytes;
}

}  // namespace braid::fuzz
