// x * 0.5 * (1 + Erf(x / sqrt 2))   =>   Gelu(x)
//
// Before opset 20 exporters spell Gelu out, as Mul(Mul(x, Add(Erf(Div(x, 1.414..)), 1)), 0.5) or
// with the factors in another order. Does not fire before opset 20, on other types than float (few
// runtimes have them), on other constants, nor when a part has other readers.

#include <cmath>
#include <cstring>

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

class GeluFinder {
 public:
  explicit GeluFinder(const Graph& graph)
      : graph_(graph), readers_(reader_counts(graph)), producer_(producers(graph)) {}

  // What the node is the Gelu of; kAbsent if it is none. The product has three factors: x, 0.5 and
  // the sum; two of them are multiplied first.
  ValueId argument(const Node& node) const {
    if (!node.is("Mul")) return kAbsent;
    for (const std::size_t side : {0U, 1U}) {
      const Node* inner = part(node.inputs[side], "Mul");
      if (inner == nullptr) continue;
      const ValueId third = node.inputs[1 - side];
      for (const std::size_t order : {0U, 1U}) {
        const ValueId first = inner->inputs[order];
        const ValueId second = inner->inputs[1 - order];
        if (is_gelu(first, second, third)) return first;
        if (is_gelu(first, third, second)) return first;
        if (is_gelu(third, first, second)) return third;
      }
    }
    return kAbsent;
  }

 private:
  const Node* part(ValueId id, std::string_view op) const {
    if (id == kAbsent || readers_[static_cast<std::size_t>(id)] != 1) return nullptr;
    const int from = producer_[static_cast<std::size_t>(id)];
    if (from < 0) return nullptr;
    const Node& node = graph_.nodes[static_cast<std::size_t>(from)];
    return node.is(op) ? &node : nullptr;
  }

  bool is_scalar(ValueId id, float expected) const {
    if (id == kAbsent || graph_.is_input(id)) return false;
    const Tensor& constant = graph_.value(id).constant;
    if (!constant.has_data() || constant.dtype() != DType::Float32 || constant.size() != 1 ||
        constant.rank() > 1) {
      return false;
    }
    float value = 0;
    std::memcpy(&value, constant.materialised().raw().data(), sizeof(value));
    return std::abs(value - expected) <= 1e-6F;
  }

  bool is_gelu(ValueId x, ValueId half, ValueId sum) const {
    if (!is_scalar(half, 0.5F) || graph_.value(x).type.dtype != DType::Float32) return false;
    if (rank_of(graph_, x).value_or(0) == 0) return false;  // factors of rank 1 would raise it
    const Node* add = part(sum, "Add");
    if (add == nullptr) return false;
    const std::size_t one = is_scalar(add->inputs[0], 1.0F) ? 0 : 1;
    if (!is_scalar(add->inputs[one], 1.0F)) return false;
    const Node* erf = part(add->inputs[1 - one], "Erf");
    if (erf == nullptr) return false;
    if (const Node* div = part(erf->inputs[0], "Div")) {
      return div->inputs[0] == x && is_scalar(div->inputs[1], std::sqrt(2.0F));
    }
    const Node* mul = part(erf->inputs[0], "Mul");
    if (mul == nullptr) return false;
    const std::size_t scaled = mul->inputs[0] == x ? 0 : 1;
    return mul->inputs[scaled] == x && is_scalar(mul->inputs[1 - scaled], std::sqrt(0.5F));
  }

  const Graph& graph_;
  std::vector<int> readers_;
  std::vector<int> producer_;
};

}  // namespace

bool fuse_gelu(Model& model) {
  if (model.opset() < 20) return false;
  Graph& graph = model.graph;
  const GeluFinder finder(graph);
  std::vector<ValueId> arguments;
  for (const Node& node : graph.nodes)
    arguments.push_back(finder.argument(node));
  bool has_changed = false;
  for (std::size_t n = 0; n < arguments.size(); ++n) {
    if (arguments[n] == kAbsent) continue;
    graph.nodes[n].op_type = "Gelu";
    graph.nodes[n].inputs = {arguments[n]};
    has_changed = true;
  }
  if (has_changed) remove_dead(graph);
  return has_changed;
}

}  // namespace braid
