#include "plan/compute_constants.hpp"

#include <algorithm>

#include "braid/error.hpp"
#include "ir/random_operators.hpp"
#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"
#include "plan/fuse/fuse.hpp"
#include "plan/lower_graph.hpp"
#include "runtime/run_program.hpp"
#include "support/memory_claim.hpp"

namespace braid {
namespace {

constexpr std::size_t kSmall = std::size_t{64} << 10;
constexpr std::size_t kSmallTotal = std::size_t{1} << 20;

class ConstantFinder {
 public:
  explicit ConstantFinder(const Graph& graph)
      : graph_(graph), readers_(reader_counts(graph)), is_computed_(graph.values.size(), false) {
    std::size_t total = 0;
    for (const Value& value : graph.values)
      total += value.constant ? value.constant.bytes() : 0;
    most_ = std::max(kSmall, total / 64);
    left_ = std::max(kSmallTotal, total / 16);
  }

  // By node: whether it is to be computed here.
  std::vector<bool> nodes() {
    std::vector<bool> result;
    for (const Node& node : graph_.nodes) {
      result.push_back(is_computable(node));
      if (!result.back()) continue;
      left_ -= cost_of(node);
      for (const ValueId id : node.outputs) {
        if (id != kAbsent) is_computed_[static_cast<std::size_t>(id)] = true;
      }
    }
    return result;
  }

 private:
  bool is_constant(ValueId id) const {
    if (is_computed_[static_cast<std::size_t>(id)]) return true;
    const Value& value = graph_.value(id);
    return value.is_constant() && value.constant.has_data() && !graph_.is_input(id);
  }

  bool is_plain_tensor(ValueId id) const {
    const Type& type = graph_.value(id).type;
    return known_dims(graph_, id) && type.dtype != DType::String && type.dtype != DType::Undefined;
  }

  std::size_t bytes_of(ValueId id) const {
    const Value& value = graph_.value(id);
    if (value.is_constant()) return value.constant.bytes();
    return Tensor::weightless(graph_.value(id).type.dtype, *known_dims(graph_, id)).bytes();
  }

  bool is_computable(const Node& node) const {
    if (is_random(node) || has_subgraph(node)) return false;
    for (const ValueId id : node.inputs) {
      if (id != kAbsent && !is_constant(id)) return false;
    }
    for (const ValueId id : node.outputs) {
      if (id != kAbsent && (!is_plain_tensor(id) || graph_.is_output(id))) return false;
    }
    return cost_of(node) <= std::min(most_, left_);
  }

  // Bytes that are there besides those that nobody needs any more.
  std::size_t cost_of(const Node& node) const {
    std::size_t made = 0;
    std::size_t freed = 0;
    for (const ValueId id : node.outputs)
      made += id == kAbsent ? 0 : bytes_of(id);
    for (const ValueId id : node.inputs) {
      const bool is_freed = id != kAbsent && readers_[static_cast<std::size_t>(id)] == 1;
      if (is_freed) freed += bytes_of(id);
    }
    return made > freed ? made - freed : 0;
  }

  const Graph& graph_;
  std::vector<int> readers_;
  std::vector<bool> is_computed_;  // by value
  std::size_t most_ = 0;           // bytes of one result
  std::size_t left_ = 0;           // bytes of those to come
};

std::vector<Datum> run_once(Model& model, const Backend& backend) {
  PackedWeights weights;  // which nobody needs afterwards
  fuse_operators(model, backend, weights);
  const auto program = lower_graph(model, backend, weights, Memory::Planned);
  Frame frame(program, allocate_aligned(program->arena_bytes));
  return run_program(frame, {});
}

// The nodes alone, and what others read of their results as outputs.
Model part_of(const Model& model, const std::vector<bool>& is_part) {
  Model part = model;
  Graph& graph = part.graph;
  graph.inputs.clear();
  graph.outputs.clear();
  graph.nodes.clear();
  std::vector<bool> is_read(graph.values.size(), false);
  for (std::size_t n = 0; n < is_part.size(); ++n) {
    const Node& node = model.graph.nodes[n];
    if (is_part[n]) {
      graph.nodes.push_back(node);
      continue;
    }
    for (const ValueId id : read_values(model.graph, node))
      is_read[static_cast<std::size_t>(id)] = true;
  }
  for (const Node& node : graph.nodes) {
    for (const ValueId id : node.outputs) {
      if (id != kAbsent && is_read[static_cast<std::size_t>(id)]) graph.outputs.push_back(id);
    }
  }
  return part;
}

}  // namespace

bool compute_constants(Model& model, const Backend& backend) {
  Graph& graph = model.graph;
  const std::vector<bool> is_part = ConstantFinder(graph).nodes();
  if (std::find(is_part.begin(), is_part.end(), true) == is_part.end()) return false;
  Model part = part_of(model, is_part);
  const std::vector<ValueId> results = part.graph.outputs;
  std::vector<Datum> data;
  try {
    remove_dead(part.graph);
    data = run_once(part, backend);
  } catch (const Error&) {
    return false;  // it shows again when the model itself runs
  }
  for (std::size_t i = 0; i < results.size(); ++i)
    set_constant(graph.value(results[i]), data[i].tensor());
  std::size_t n = 0;
  std::erase_if(graph.nodes, [&](const Node&) { return is_part[n++]; });
  remove_dead(graph);
  return true;
}

}  // namespace braid
