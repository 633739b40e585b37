#include "plan/halve/float_roles.hpp"

#include <algorithm>
#include <initializer_list>

#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"
#include "plan/fuse/elementwise_nodes.hpp"

namespace braid {
namespace {

bool is_any(const Node& node, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(), [&](const char* name) { return node.is(name); });
}

bool reduces(const Node& node) {
  return sums_values(node) || is_any(node, {"ReduceMax", "ReduceMean", "ReduceMin"});
}

bool casts_to_integer(const Node& node) {
  return node.is("Cast") && is_integer(static_cast<DType>(node.attributes.get_int("to", 0)));
}

// Moves that cost less than a conversion for each member. Others are better made of 16 bits.
bool joins_or_parts(const Node& node) {
  return is_any(
      node, {"Concat", "Flatten", "Identity", "Reshape", "Slice", "Split", "Squeeze", "Unsqueeze"});
}

// What the result depends on beyond its leading bits: the last ones may change it as a whole.
bool needs_all_bits(const Node& node) {
  return casts_to_integer(node) || is_any(node, {"Ceil", "Cos", "Floor", "Mod", "Round", "Sin"});
}

class RoleFinder {
 public:
  explicit RoleFinder(const Graph& graph)
      : graph_(graph),
        producers_(producers(graph)),
        is_result_(graph.values.size(), true),
        is_factor_(graph.values.size(), true) {
    const std::vector<bool> none(graph.values.size(), false);
    roles_ = {none, none, none};
  }

  FloatRoles run() {
    for (const ValueId id : graph_.inputs)
      roles_.is_data[index(id)] = roles_.is_edge[index(id)] = is_computed_float(id);
    for (const ValueId id : graph_.outputs)
      is_factor_[index(id)] = false;
    for (const Node& node : graph_.nodes)
      visit_forwards(node);
    for (auto node = graph_.nodes.rbegin(); node != graph_.nodes.rend(); ++node)
      visit_backwards(*node);
    return std::move(roles_);
  }

 private:
  static std::size_t index(ValueId id) { return static_cast<std::size_t>(id); }

  bool is_computed_float(ValueId id) const {
    return id != kAbsent && graph_.value(id).type.dtype == DType::Float32 &&
           !graph_.value(id).is_constant();
  }

  bool reads_floats(const Node& node) const {
    return std::any_of(node.inputs.begin(), node.inputs.end(), [&](ValueId id) {
      return id != kAbsent && graph_.value(id).type.dtype == DType::Float32;
    });
  }

  bool reads_data(const Node& node) const {
    return std::any_of(node.inputs.begin(), node.inputs.end(), [&](ValueId id) {
      return is_computed_float(id) && roles_.is_data[index(id)];
    });
  }

  // A product of one row and one column.
  bool is_outer_product(const Node& node) const {
    if (!node.op_type.starts_with("MatMul")) return false;
    const auto dims = known_dims(graph_, node.input(0));
    return dims && !dims->empty() && dims->back() == 1;
  }

  bool looks_weights_up(const Node& node) const {
    return is_any(node, {"Gather", "GatherElements", "GatherND"}) &&
           graph_.value(node.inputs[0]).is_constant();
  }

  // What a model turns into a float itself stays one.
  bool makes_data(const Node& node) const {
    if (node.is("Cast")) return false;
    if (reads_data(node) || looks_weights_up(node)) return true;
    return reads_floats(node) && !is_elementwise_of_floats(node) && !moves_values(node) &&
           !reduces(node) && !node.is("OneHot") && !is_outer_product(node);
  }

  // Some of them, and nothing else that is computed.
  bool moves_edges(const Node& node) const {
    bool reads_edge = false;
    for (const ValueId id : node.inputs) {
      if (!is_computed_float(id)) continue;
      if (!roles_.is_edge[index(id)]) return false;
      reads_edge = true;
    }
    return reads_edge && joins_or_parts(node);
  }

  void visit_forwards(const Node& node) {
    const bool is_data = makes_data(node);
    const bool is_edge = is_data && moves_edges(node);
    for (const ValueId id : node.outputs) {
      if (!is_computed_float(id)) continue;
      roles_.is_data[index(id)] = is_data;
      roles_.is_edge[index(id)] = is_edge;
    }
  }

  // As it stands before a mean is taken.
  bool is_square(ValueId id) const {
    const int from = id == kAbsent ? -1 : producers_[index(id)];
    if (from < 0) return false;
    const Node& node = graph_.nodes[static_cast<std::size_t>(from)];
    return node.is("Pow") || (node.is("Mul") && node.inputs[0] == node.inputs[1]);
  }

  bool passes_need_on(const Node& node) const {
    const bool is_needed = std::any_of(node.outputs.begin(), node.outputs.end(), [&](ValueId id) {
      return id != kAbsent && roles_.needs_float[index(id)];
    });
    return is_needed &&
           (is_elementwise_of_floats(node) || moves_values(node) || is_outer_product(node));
  }

  // All readers of what the node makes have been visited.
  void visit_backwards(const Node& node) {
    const auto all = [&](const std::vector<bool>& facts) {
      return std::all_of(node.outputs.begin(), node.outputs.end(),
                         [&](ValueId id) { return id == kAbsent || facts[index(id)]; });
    };
    const bool is_factor = moves_values(node) ? all(is_factor_) : takes_factors(node);
    const bool is_result = joins_or_parts(node) && all(is_result_);
    for (const ValueId id : read_values(graph_, node)) {
      is_factor_[index(id)] = is_factor_[index(id)] && is_factor;
      is_result_[index(id)] = is_result_[index(id)] && is_result;
    }
    if (needs_floats(node)) {
      for (const ValueId id : node.inputs) {
        if (is_computed_float(id)) roles_.needs_float[index(id)] = true;
      }
    }
    for (const ValueId id : node.outputs) {
      if (!is_computed_float(id)) continue;
      if (is_factor_[index(id)]) roles_.is_data[index(id)] = true;
      if (is_result_[index(id)]) roles_.is_edge[index(id)] = true;
    }
  }

  bool takes_factors(const Node& node) const {
    const bool is_product = node.op_type == "MatMul" && !is_outer_product(node);
    return is_product || node.op_type == "Attention" || node.is("Einsum");
  }

  bool needs_floats(const Node& node) const {
    const bool is_mean_of_squares = node.is("ReduceMean") && is_square(node.inputs[0]);
    return needs_all_bits(node) || sums_values(node) || is_mean_of_squares || passes_need_on(node);
  }

  const Graph& graph_;
  std::vector<int> producers_;
  FloatRoles roles_;

  // By value: nothing but the graph, or operators that move it there, takes it; nothing but
  // products do.
  std::vector<bool> is_result_;
  std::vector<bool> is_factor_;
};

}  // namespace

FloatRoles find_float_roles(const Graph& graph) {
  return RoleFinder(graph).run();
}

bool moves_values(const Node& node) {
  return is_any(node,
                {"Concat",          "DepthToSpace",    "Expand",    "Flatten",   "Gather",
                 "GatherND",        "GatherElements",  "Identity",  "Pad",       "Reshape",
                 "ReverseSequence", "ScatterElements", "ScatterND", "Slice",     "SpaceToDepth",
                 "Split",           "Squeeze",         "Tile",      "Transpose", "Trilu",
                 "Unsqueeze"});
}

bool sums_values(const Node& node) {
  return is_any(node, {"CumProd", "CumSum", "ReduceL1", "ReduceL2", "ReduceLogSum",
                       "ReduceLogSumExp", "ReduceProd", "ReduceSum", "ReduceSumSquare"});
}

bool is_elementwise_of_floats(const Node& node) {
  return maps_floats(node) || compares_floats(node) || is_any(node, {"Cast", "Where"});
}

}  // namespace braid
