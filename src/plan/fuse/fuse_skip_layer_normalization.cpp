// sum = x + residual [+ addend], y = LayerNormalization(sum)
//   =>   y [, sum] = SkipLayerNormalization(x, residual, scale, bias [, addend])
//
// Over the last axis. `addend` is one row for all; `sum` is an output if others read it, too. The
// scale and the bias are constants, so that the operator can stand where the sum stood. Does not
// apply if the mean or the deviation is read, or if x or the residual is broadcast.

#include "ir/rewrite.hpp"
#include "plan/fuse/fuse.hpp"
#include "plan/operator.hpp"

namespace braid {
namespace {

class SkipLayerNormalizationFuser {
 public:
  SkipLayerNormalizationFuser(Graph& graph, const Backend& backend)
      : graph_(graph),
        backend_(backend),
        reader_counts_(reader_counts(graph)),
        producers_(producers(graph)) {}

  bool run() {
    bool has_changed = false;
    for (Node& node : graph_.nodes) {
      const auto fused = fuse(node);
      if (!fused) continue;
      graph_.nodes[static_cast<std::size_t>(producer_of(node.inputs[0]))] = *fused;
      node.outputs = {kAbsent};  // nobody reads it any more
      has_changed = true;
    }
    if (has_changed) remove_dead(graph_);
    return has_changed;
  }

 private:
  int producer_of(ValueId id) const {
    return id == kAbsent ? -1 : producers_[static_cast<std::size_t>(id)];
  }

  const Node* add_behind(ValueId id) const {
    const int from = producer_of(id);
    if (from < 0 || !graph_.nodes[static_cast<std::size_t>(from)].is("Add")) return nullptr;
    return &graph_.nodes[static_cast<std::size_t>(from)];
  }

  bool is_float(ValueId id) const { return backend_.fuses(graph_.value(id).type.dtype); }

  // A constant as long as a row, or none.
  bool is_parameter(ValueId id, std::int64_t length) const {
    if (id == kAbsent) return true;
    const Tensor& constant = graph_.value(id).constant;
    return constant && is_float(id) && constant.size() == length;
  }

  bool have_dims(const Node& node, const std::vector<std::int64_t>& dims) const {
    return known_dims(graph_, node.inputs[0]) == dims && known_dims(graph_, node.inputs[1]) == dims;
  }

  std::optional<Node> fuse(const Node& node) const {
    if (!node.is("LayerNormalization") || node.inputs.size() < 2) return std::nullopt;
    if (node.output(1) != kAbsent || node.output(2) != kAbsent) return std::nullopt;
    const Node* add = add_behind(node.inputs[0]);
    const auto dims = known_dims(graph_, node.inputs[0]);
    if (add == nullptr || !dims || !have_dims(*add, *dims)) return std::nullopt;
    const std::int64_t axis = node.attributes.get_int("axis", -1);
    if (axis != -1 && axis != static_cast<std::int64_t>(dims->size()) - 1) return std::nullopt;
    if (!is_float(node.inputs[0]) || dims->empty() || !is_parameter(node.inputs[1], dims->back()) ||
        !is_parameter(node.input(2), dims->back())) {
      return std::nullopt;
    }
    Node fused;
    fused.op_type = "SkipLayerNormalization";
    fused.domain = kFusedDomain;
    fused.name = node.name;
    fused.inputs = {add->inputs[0], add->inputs[1], node.inputs[1], node.input(2)};
    take_addend(fused, *dims);
    const bool is_read = reader_counts_[static_cast<std::size_t>(node.inputs[0])] > 1;
    fused.outputs = {node.outputs[0], is_read ? node.inputs[0] : kAbsent};
    fused.attributes.set("epsilon", node.attributes.get_float("epsilon", 1e-5F));
    if (!has_kernel(graph_, fused, backend_)) return std::nullopt;
    return fused;
  }

  // A bias that was added to one side before, and that nobody else reads.
  void take_addend(Node& fused, const std::vector<std::int64_t>& dims) const {
    const std::vector<std::int64_t> row = {dims.back()};
    for (const std::size_t side : {0U, 1U}) {
      const ValueId id = fused.inputs[side];
      const Node* inner = add_behind(id);
      if (inner == nullptr || reader_counts_[static_cast<std::size_t>(id)] != 1) continue;
      for (const std::size_t i : {0U, 1U}) {
        const ValueId addend = inner->inputs[i];
        const ValueId other = inner->inputs[1 - i];
        const bool is_row = known_dims(graph_, addend) == row && known_dims(graph_, other) == dims;
        if (!is_row) continue;
        fused.inputs[side] = other;
        fused.inputs.push_back(addend);
        return;
      }
    }
  }

  Graph& graph_;
  const Backend& backend_;
  std::vector<int> reader_counts_;
  std::vector<int> producers_;
};

}  // namespace

bool fuse_skip_layer_normalization(Model& model, const Backend& backend) {
  return SkipLayerNormalizationFuser(model.graph, backend).run();
}

}  // namespace braid
