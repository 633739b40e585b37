#include "plan/halve/float_roles.hpp"

#include <algorithm>
#include <initializer_list>

#include "ir/rewrite.hpp"
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

// What the result depends on beyond its leading bits: the last ones may change it as a whole.
bool needs_all_bits(const Node& node) {
  return casts_to_integer(node) || is_any(node, {"Ceil", "Cos", "Floor", "Mod", "Round", "Sin"});
}

class RoleFinder {
 public:
  explicit RoleFinder(const Graph& graph)
      : graph_(graph),
        producers_(producers(graph)),
        roles_{std::vector<bool>(graph.values.size(), false),
               std::vector<bool>(graph.values.size(), false)} {}

  FloatRoles run() {
    for (const ValueId id : graph_.inputs)
      roles_.is_data[index(id)] = is_computed_float(id);
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
    return !is_elementwise_of_floats(node) && !moves_values(node) && !reduces(node) &&
           !node.is("OneHot") && !is_outer_product(node);
  }

  void visit_forwards(const Node& node) {
    const bool is_data = makes_data(node);
    for (const ValueId id : node.outputs) {
      if (id != kAbsent) roles_.is_data[index(id)] = is_data && is_computed_float(id);
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

  void visit_backwards(const Node& node) {
    const bool is_mean_of_squares = node.is("ReduceMean") && is_square(node.inputs[0]);
    if (!needs_all_bits(node) && !sums_values(node) && !is_mean_of_squares && !passes_need_on(node))
      return;
    for (const ValueId id : node.inputs) {
      if (is_computed_float(id)) roles_.needs_float[index(id)] = true;
    }
  }

  const Graph& graph_;
  std::vector<int> producers_;
  FloatRoles roles_;
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
