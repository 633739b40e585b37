#include <cmath>
#include <string>

#include "braid/error.hpp"
#include "braid/synth.hpp"
#include "synth/distribution.hpp"
#include "synth/draw.hpp"
#include "synth/random.hpp"
#include "synth/weights.hpp"

namespace braid {
namespace {

[[noreturn]] void fail_usage(const std::string& message) {
  throw Error(ErrorKind::Usage, "synth: " + message);
}

void check(const SynthOptions& options, int index) {
  if (options.count < 1) fail_usage("the count must be at least 1");
  if (index < 0 || index >= options.count) fail_usage("the index must be below the count");
  if (options.share && options.share_classes) {
    fail_usage("share and share_classes exclude each other; give one of them");
  }
  if (options.share && !(*options.share >= 0 && *options.share <= 1)) {
    fail_usage("the shared fraction must lie between 0 and 1");
  }
  if (options.share_classes &&
      (*options.share_classes < 1 || *options.share_classes > options.count)) {
    fail_usage("the classes must be at least 1 and at most the count");
  }
}

// Variants of one class have the same weight at this position.
std::uint64_t class_of(const SynthOptions& options, int index, std::size_t position,
                       std::size_t count) {
  if (options.share_classes) {
    const auto scaled = static_cast<std::int64_t>(index) * *options.share_classes;
    return static_cast<std::uint64_t>(scaled / options.count);
  }
  const auto shared = options.share ? std::llround(*options.share * static_cast<double>(count)) : 0;
  return static_cast<long long>(position) < shared ? 0 : static_cast<std::uint64_t>(index);
}

void replace(Graph& graph, const Weight& weight, Tensor tensor) {
  if (weight.constant_node < 0) {
    graph.value(weight.value).constant = std::move(tensor);
  } else {
    graph.nodes[static_cast<std::size_t>(weight.constant_node)].attributes.set("value",
                                                                               std::move(tensor));
  }
}

}  // namespace

Model synthesise(const Model& architecture, const SynthOptions& options, int index) {
  check(options, index);
  const Graph& graph = architecture.graph;
  const std::vector<Weight> weights = find_weights(graph);
  Model variant = architecture;
  variant.source = nullptr;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const std::uint64_t share_class = class_of(options, index, i, weights.size());
    const std::uint64_t key =
        RandomStream::combine(RandomStream::combine(options.seed, share_class), i);
    const Tensor& tensor = weight_tensor(graph, weights[i]);
    replace(variant.graph, weights[i],
            draw(tensor.dtype(), tensor.dims(), choose_distribution(graph, weights[i]), key));
  }
  return variant;
}

}  // namespace braid
