// float x -> MatMul(x, w) -> Relu -> float y
//   =>   float x -> Cast -> MatMul(x, w), all of float16 -> Relu -> Cast -> float y
//
// Values between steps take 16 bits, as weights do. Kernels compute in float, so that each value is
// rounded once, when it is stored. Inputs and outputs of the graph keep their type.
//
// Elementwise operators read floats of either type, so nothing is converted for them. They keep
// what is finite finite: the -3.4e38 that a model adds where it masks becomes the least number, and
// not an infinity, of which a row that is masked as a whole would make NaN. Infinities stay.
//
// Does not apply to operators without such a kernel, which compute in float between conversions; to
// what follows from integers alone and to what needs all bits (float_roles.hpp); to sums along
// axes, whose results leave the range; to operands that are broadcast in elementwise operators; to
// what a model itself casts to float.

#include "plan/halve/halve_floats.hpp"

#include <algorithm>
#include <map>

#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"
#include "plan/fuse/fuse.hpp"
#include "plan/halve/float_roles.hpp"
#include "plan/make_subgraphs.hpp"
#include "plan/operator.hpp"

namespace braid {
namespace {

class FloatHalver {
 public:
  FloatHalver(Model& model, const Backend& backend, PackedWeights& weights)
      : model_(model),
        graph_(model.graph),
        backend_(backend),
        weights_(weights),
        half_(backend.float_storage()),
        roles_(find_float_roles(graph_)),
        names_(graph_) {
    find_pinned();
  }

  bool run() {
    std::vector<Node> nodes = std::move(graph_.nodes);
    for (Node& node : nodes) {
      if (try_halving(node)) continue;
      read_as_floats(node);
      graph_.nodes.push_back(std::move(node));
    }
    remove_dead(graph_);
    return has_changed_;
  }

 private:
  // What others know the type of stays a float, which a Cast makes.
  void find_pinned() {
    is_halved_.assign(graph_.values.size(), false);
    is_pinned_.assign(graph_.values.size(), false);
    for (const ValueId id : graph_.outputs)
      is_pinned_[index(id)] = true;
    for (const Node& node : graph_.nodes) {
      if (!has_subgraph(node)) continue;
      for (const ValueId id : read_values(graph_, node))
        is_pinned_[index(id)] = true;
    }
  }

  static std::size_t index(ValueId id) { return static_cast<std::size_t>(id); }

  bool is_float(ValueId id) const {
    return id != kAbsent && graph_.value(id).type.dtype == DType::Float32;
  }
  bool is_halved(ValueId id) const { return id != kAbsent && is_halved_[index(id)]; }

  // ---- conversions ----

  ValueId add_alike(ValueId id, DType dtype) {
    Type type = graph_.value(id).type;
    type.dtype = dtype;
    return graph_.add_value(names_.unique(graph_.value(id).name + " in another type"),
                            std::move(type));
  }

  // The value in the other type; the Cast that makes it stands in front of its first reader.
  ValueId converted(ValueId id, DType dtype) {
    const auto known = converted_.find(id);
    if (known != converted_.end()) return known->second;
    const Value& value = graph_.value(id);
    ValueId result = kAbsent;
    if (value.is_constant()) {
      const std::string name = value.name;
      result = graph_.add_constant(names_.unique(name + " in 16 bits"),
                                   weights_.rounded(value.constant, dtype, name));
    } else {
      result = add_alike(id, dtype);
      wanted_[result] = id;
    }
    return converted_[id] = result;
  }

  void add_cast(ValueId from, ValueId to) {
    Node cast;
    cast.op_type = "Cast";
    cast.inputs = {from};
    cast.outputs = {to};
    cast.attributes.set("to", static_cast<std::int64_t>(graph_.value(to).type.dtype));
    if (graph_.value(to).type.dtype == half_) cast.attributes.set(kFiniteLimit, largest_of(half_));
    graph_.nodes.push_back(std::move(cast));
  }

  void add_wanted_casts(const Node& node) {
    for (const ValueId id : node.inputs) {
      const auto wanted = wanted_.find(id);
      if (wanted == wanted_.end()) continue;
      add_cast(wanted->second, id);
      wanted_.erase(wanted);
    }
  }

  // ---- nodes ----

  // Floats that are numbers of another kind, such as the scales of Resize.
  static bool is_parameter(const Node& node, std::size_t input) {
    return input > 0 && (node.is("Resize") || node.is("Upsample") || node.is("BatchNormalization"));
  }

  // A constant that is broadcast is read from caches, and may keep its bits.
  bool is_large_constant(ValueId id, const Node& node) const {
    const Tensor& constant = graph_.value(id).constant;
    const auto dims = known_dims(graph_, node.outputs[0]);
    return constant && constant.has_data() && constant.size() > 1 && constant.dims() == dims;
  }

  void halve_inputs(Node& node) {
    const bool is_elementwise = is_elementwise_of_floats(node);
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      ValueId& id = node.inputs[i];
      if (!is_float(id) || is_parameter(node, i)) continue;
      if (graph_.value(id).is_constant() && !graph_.value(id).constant.has_data()) continue;
      if (!is_elementwise || is_large_constant(id, node)) id = converted(id, half_);
    }
  }

  bool is_to_be_halved(const Node& node) const {
    const bool states_type = node.attributes.has("dtype");
    if (has_subgraph(node) || sums_values(node) || states_type) return false;
    if (node.is("ReduceMean") && roles_.needs_float[index(node.inputs[0])]) return false;
    return std::any_of(node.outputs.begin(), node.outputs.end(), [&](ValueId id) {
      if (!is_float(id) || !roles_.is_data[index(id)]) return false;
      const bool stays = roles_.needs_float[index(id)] || roles_.is_edge[index(id)];
      return !stays || (!is_elementwise_of_floats(node) && !moves_values(node));
    });
  }

  bool is_bound(const Node& node) const {
    return has_kernel(graph_, node, backend_, model_.opset(node.domain));
  }

  bool try_halving(const Node& node) {
    if (!is_to_be_halved(node)) return false;
    Node halved = node;
    halve_inputs(halved);
    halve_outputs(halved);
    halved.attributes.set(kFiniteLimit, largest_of(half_));
    if (node.is("Cast")) halved.attributes.set("to", static_cast<std::int64_t>(half_));
    if (!is_bound(halved)) {
      for (const ValueId id : node.outputs) {
        if (is_halved(id)) set_halved(id, false);
      }
      return false;
    }
    add_wanted_casts(halved);
    graph_.nodes.push_back(halved);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (halved.outputs[i] == node.outputs[i]) continue;
      converted_[node.outputs[i]] = halved.outputs[i];
      add_cast(halved.outputs[i], node.outputs[i]);
    }
    return has_changed_ = true;
  }

  void halve_outputs(Node& node) {
    for (ValueId& id : node.outputs) {
      if (!is_float(id)) continue;
      if (is_pinned_[index(id)]) {
        id = add_alike(id, half_);
      } else {
        set_halved(id, true);
      }
    }
  }

  void set_halved(ValueId id, bool is_halved) {
    graph_.value(id).type.dtype = is_halved ? half_ : DType::Float32;
    is_halved_[index(id)] = is_halved;
  }

  void read_as_floats(Node& node) {
    const auto reads_halved = [&](ValueId id) { return is_halved(id); };
    if (std::none_of(node.inputs.begin(), node.inputs.end(), reads_halved)) return;
    if (is_elementwise_of_floats(node) && is_bound(node)) return;
    for (ValueId& id : node.inputs) {
      if (is_halved(id)) id = converted(id, DType::Float32);
    }
    add_wanted_casts(node);
  }

  Model& model_;
  Graph& graph_;
  const Backend& backend_;
  PackedWeights& weights_;
  const DType half_;
  const FloatRoles roles_;
  NameSource names_;
  std::vector<bool> is_pinned_;  // of the values that the graph had at first, as what follows
  std::vector<bool> is_halved_;
  std::map<ValueId, ValueId> converted_;  // the same value in the other type
  std::map<ValueId, ValueId> wanted_;     // what no Cast has made yet, and from what
  bool has_changed_ = false;
};

}  // namespace

bool halve_floats(Model& model, const Backend& backend, PackedWeights& weights) {
  if (backend.float_storage() == DType::Float32) return false;
  return FloatHalver(model, backend, weights).run();
}

}  // namespace braid
