// d = x - mean(x), y = d / sqrt(mean(d * d) + epsilon) * scale [+ bias]
//   =>   y = LayerNormalization(x, scale, bias)
// y = x / sqrt(mean(x * x) + epsilon) * scale
//   =>   y = RMSNormalization(x, scale)
//
// As exporters spell them for opsets that do not have these operators. Means are taken over the
// last axis, by ReduceMean or GlobalAveragePool; the root divides, or its Reciprocal multiplies.
// Does not apply when others read a part, nor when the scale or the bias is no constant row.

#include "ir/node_readers.hpp"
#include "ir/rewrite.hpp"
#include "plan/fuse/fuse.hpp"

namespace braid {
namespace {

class NormalizationFuser {
 public:
  NormalizationFuser(Graph& graph, const Backend& backend)
      : graph_(graph),
        backend_(backend),
        reader_counts_(reader_counts(graph)),
        producers_(producers(graph)),
        readers_(node_readers(graph)) {}

  bool run() {
    bool has_changed = false;
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (graph_.nodes[n].is("Sqrt")) has_changed |= fuse(n);
    }
    if (has_changed) remove_dead(graph_);
    return has_changed;
  }

 private:
  // The node that makes a value which nobody but its `readers` readers reads.
  const Node* part(ValueId id, std::string_view op, int readers = 1) const {
    if (id == kAbsent || reader_counts_[static_cast<std::size_t>(id)] != readers) return nullptr;
    return producer_of(graph_, producers_, id, op);
  }

  // The node that alone reads a value.
  const Node* reader(ValueId id, std::string_view op) const {
    const auto v = static_cast<std::size_t>(id);
    if (reader_counts_[v] != 1 || readers_[v].size() != 1) return nullptr;
    const Node& node = graph_.nodes[readers_[v][0]];
    return node.is(op) ? &node : nullptr;
  }

  // What the value is the mean of, over the last axis.
  ValueId averaged(ValueId id) const {
    if (const Node* pool = part(id, "GlobalAveragePool"))
      return rank_of(graph_, pool->inputs[0]) == 3 ? pool->inputs[0] : kAbsent;
    const Node* mean = part(id, "ReduceMean");
    if (mean == nullptr || mean->attributes.get_int("keepdims", 1) == 0) return kAbsent;
    const auto axes = mean->attributes.has("axes") ? mean->attributes.get_ints("axes")
                                                   : constant_ints(graph_, mean->input(1));
    const int rank = rank_of(graph_, mean->inputs[0]).value_or(0);
    const bool is_last = axes && axes->size() == 1 && ((*axes)[0] == -1 || (*axes)[0] == rank - 1);
    return is_last ? mean->inputs[0] : kAbsent;
  }

  // What the value is the square of.
  ValueId squared(ValueId id) const {
    if (id == kAbsent) return kAbsent;
    if (const Node* pow = part(id, "Pow"))
      return constant_scalar(graph_, pow->inputs[1]) == 2 ? pow->inputs[0] : kAbsent;
    const Node* mul = part(id, "Mul");
    return mul != nullptr && mul->inputs[0] == mul->inputs[1] ? mul->inputs[0] : kAbsent;
  }

  // `d` divided by the root, or multiplied with its reciprocal.
  const Node* quotient(ValueId d, ValueId root) const {
    const Node* div = reader(root, "Div");
    if (div != nullptr) return div->inputs[0] == d && div->inputs[1] == root ? div : nullptr;
    const Node* reciprocal = reader(root, "Reciprocal");
    const Node* mul = reciprocal == nullptr ? nullptr : reader(reciprocal->outputs[0], "Mul");
    if (mul == nullptr) return nullptr;
    return mul->inputs[0] == d || mul->inputs[1] == d ? mul : nullptr;
  }

  // The operand beside `id` if it is a constant with one element for each of a row, and the node
  // keeps the dims.
  ValueId row_beside(const Node* node, ValueId id, std::int64_t length) const {
    if (node == nullptr || known_dims(graph_, id) != known_dims(graph_, node->outputs[0]))
      return kAbsent;
    const ValueId other = node->inputs[0] == id ? node->inputs[1] : node->inputs[0];
    const Tensor& constant = graph_.value(other).constant;
    const bool is_row = constant && constant.size() == length && constant.rank() > 0 &&
                        constant.dims().back() == length;
    return is_row ? other : kAbsent;
  }

  bool fuse(std::size_t root) {
    const Node& sqrt = graph_.nodes[root];
    const Node* add = part(sqrt.inputs[0], "Add");
    if (add == nullptr) return false;
    const std::size_t side = constant_scalar(graph_, add->inputs[1]) ? 1 : 0;
    const auto epsilon = constant_scalar(graph_, add->inputs[side]);
    const ValueId square = epsilon ? averaged(add->inputs[1 - side]) : kAbsent;
    const ValueId d = squared(square);
    const Node* last = d == kAbsent ? nullptr : quotient(d, sqrt.outputs[0]);
    const auto dims = d == kAbsent ? std::nullopt : known_dims(graph_, d);
    if (last == nullptr || !dims || dims->empty()) return false;

    Node fused;
    fused.op_type = "RMSNormalization";
    fused.inputs = {d, kAbsent};
    fused.attributes.set("axis", std::int64_t{-1});
    fused.attributes.set("epsilon", static_cast<float>(*epsilon));
    const bool is_centred = take_difference(square, fused);
    if (!take_row(last, "Mul", dims->back(), fused.inputs[1])) return false;
    if (is_centred) {
      fused.inputs.push_back(kAbsent);
      take_row(last, "Add", dims->back(), fused.inputs[2]);
    }
    fused.name = last->name;
    fused.outputs = last->outputs;
    if (!has_kernel(graph_, fused, backend_)) return false;
    graph_.nodes[static_cast<std::size_t>(producers_[static_cast<std::size_t>(fused.outputs[0])])] =
        std::move(fused);
    return true;
  }

  // Where d is x - mean(x), read by its square and the quotient alone, it is a LayerNormalization.
  bool take_difference(ValueId square, Node& fused) const {
    const bool is_product = part(square, "Mul") != nullptr;  // reads d twice
    const Node* sub = part(fused.inputs[0], "Sub", is_product ? 3 : 2);
    if (sub == nullptr || averaged(sub->inputs[1]) != sub->inputs[0]) return false;
    fused.op_type = "LayerNormalization";
    fused.inputs[0] = sub->inputs[0];
    return true;
  }

  // Goes on to the node that applies a constant row to what `last` makes.
  bool take_row(const Node*& last, std::string_view op, std::int64_t length, ValueId& row) const {
    const Node* next = reader(last->outputs[0], op);
    row = row_beside(next, last->outputs[0], length);
    if (row != kAbsent) last = next;
    return row != kAbsent;
  }

  Graph& graph_;
  const Backend& backend_;
  std::vector<int> reader_counts_;
  std::vector<int> producers_;
  std::vector<std::vector<std::size_t>> readers_;  // nodes that read each value
};

}  // namespace

bool fuse_normalization(Model& model, const Backend& backend) {
  return NormalizationFuser(model.graph, backend).run();
}

}  // namespace braid
