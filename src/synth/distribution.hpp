#pragma once

#include "braid/graph.hpp"
#include "synth/weights.hpp"

namespace braid {

/// centre + scale * noise, with noise normal (mean 0, variance 1) or uniform in [0, 1).
struct Distribution {
  float centre = 0;
  double scale = 1;
  bool is_uniform = false;
};

/// How to draw a weight, by the first node that reads it, seen through Transpose, Reshape and the
/// like. Conv weights have deviation sqrt(2 / fan-in), matmul weights 1 / sqrt(K), recurrent ones
/// 1 / sqrt(hidden size), embeddings 0.5, biases 0.1; norm scales are 1 + 0.1 n, variances
/// 0.5 + uniform. So activations neither vanish nor explode.
Distribution choose_distribution(const Graph& graph, const Weight& weight);

}  // namespace braid
