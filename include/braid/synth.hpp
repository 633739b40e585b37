#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "braid/graph.hpp"

namespace braid {

struct SynthOptions {
  int count = 1;
  std::uint64_t seed = 0;
  /// This fraction of the weight tensors, the first ones in topological order, is common to all.
  std::optional<double> share;
  /// At each weight position the members fall into this many classes of equal weights.
  std::optional<int> share_classes;
};

/// Variant `index` of an architecture: a copy whose weights (float initializers of more than 16
/// elements, present or not) are drawn anew, so that activations stay in a sound range: see
/// models/README.md for the distributions. Everything else keeps its values. Equal arguments give
/// equal weights on every machine.
Model synthesise(const Model& architecture, const SynthOptions& options, int index);

}  // namespace braid
