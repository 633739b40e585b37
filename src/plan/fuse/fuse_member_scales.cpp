// LayerNormalization(x, ones) -> Mul(scale) -> Add(bias)
//   =>   ai.braid.LayerNormalization(x, scale, bias)
//
// As merging spells a normalisation of members, whose scales and biases differ: constants of dims
// [members, 1, ..., length], for the members in front of x. The same of RMSNormalization, and
// without an Add. Does not apply where the axis is not the last one, where others read what lies
// between, nor where the backend has no kernel for it.

#include <Eigen/Core>
#include <algorithm>

#include "ir/node_readers.hpp"
#include "ir/rewrite.hpp"
#include "plan/fuse/fuse.hpp"
#include "plan/operator.hpp"
#include "support/operand.hpp"

namespace braid {
namespace {

using Dims = std::vector<std::int64_t>;

class MemberScaleFuser {
 public:
  MemberScaleFuser(Graph& graph, const Backend& backend)
      : graph_(graph),
        backend_(backend),
        reader_counts_(reader_counts(graph)),
        readers_(node_readers(graph)) {}

  bool run() {
    bool has_changed = false;
    for (Node& node : graph_.nodes) {
      if (!is_plain_normalization(node)) continue;
      const auto scaled = reader(node.outputs[0], "Mul");
      if (!scaled) continue;
      const ValueId scale = parameter_of(graph_.nodes[*scaled], node.outputs[0]);
      if (scale == kAbsent) continue;
      std::size_t last = *scaled;
      const auto added = reader(graph_.nodes[last].outputs[0], "Add");
      ValueId bias = kAbsent;
      if (added) bias = parameter_of(graph_.nodes[*added], graph_.nodes[last].outputs[0]);
      if (bias != kAbsent) last = *added;
      Node fused = fused_node(node, scale, bias, graph_.nodes[last]);
      if (!has_kernel(graph_, fused, backend_)) continue;
      graph_.nodes[last] = std::move(fused);
      has_changed = true;
    }
    if (has_changed) remove_dead(graph_);
    return has_changed;
  }

 private:
  bool is_plain_normalization(const Node& node) const {
    if (!node.is("LayerNormalization") && !node.is("RMSNormalization")) return false;
    if (node.output(1) != kAbsent || node.output(2) != kAbsent) return false;
    const auto dims = known_dims(graph_, node.inputs[0]);
    if (!dims || dims->size() < 2) return false;
    const std::int64_t axis = node.attributes.get_int("axis", -1);
    const bool is_last = axis == -1 || axis == static_cast<std::int64_t>(dims->size()) - 1;
    return is_last && node.inputs.size() == 2 && holds_ones(graph_.value(node.inputs[1]).constant);
  }

  bool holds_ones(const Tensor& constant) const {
    if (!constant || !constant.has_data() || !backend_.fuses(constant.dtype())) return false;
    const Tensor plain = as_operand(constant);
    const auto holds = [&](auto one) {
      return std::ranges::all_of(plain.data<decltype(one)>(),
                                 [one](auto value) { return value == one; });
    };
    if (constant.dtype() == DType::Float16) return holds(Eigen::half(1.0F));
    return constant.dtype() == DType::BFloat16 ? holds(Eigen::bfloat16(1.0F)) : holds(1.0F);
  }

  // The node of that name that alone reads a value.
  std::optional<std::size_t> reader(ValueId id, const char* name) const {
    const auto v = static_cast<std::size_t>(id);
    if (reader_counts_[v] != 1 || readers_[v].size() != 1) return std::nullopt;
    const std::size_t found = readers_[v][0];
    return graph_.nodes[found].is(name) ? std::optional(found) : std::nullopt;
  }

  // The other operand, if it is one row for each member; else absent.
  ValueId parameter_of(const Node& node, ValueId x) const {
    const ValueId other = node.inputs[0] == x ? node.inputs[1] : node.inputs[0];
    const auto dims = known_dims(graph_, x);
    const auto out = known_dims(graph_, node.outputs[0]);
    const Tensor& constant = graph_.value(other).constant;
    if (!dims || out != dims || !constant || !backend_.fuses(constant.dtype())) return kAbsent;
    Dims rows(dims->size(), 1);
    rows.front() = dims->front();
    rows.back() = dims->back();
    return constant.dims() == rows ? other : kAbsent;
  }

  static Node fused_node(const Node& node, ValueId scale, ValueId bias, const Node& last) {
    Node fused;
    fused.op_type = node.op_type;
    fused.domain = kFusedDomain;
    fused.name = last.name;
    fused.inputs = {node.inputs[0], scale};
    if (bias != kAbsent) fused.inputs.push_back(bias);
    fused.outputs = last.outputs;
    fused.attributes.set("epsilon", node.attributes.get_float("epsilon", 1e-5F));
    return fused;
  }

  Graph& graph_;
  const Backend& backend_;
  std::vector<int> reader_counts_;
  std::vector<std::vector<std::size_t>> readers_;  // nodes that read each value
};

}  // namespace

bool fuse_member_scales(Model& model, const Backend& backend) {
  return MemberScaleFuser(model.graph, backend).run();
}

}  // namespace braid
