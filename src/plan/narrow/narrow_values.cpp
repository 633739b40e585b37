// a, b, c -> Concat -> Conv <group = 3> -> Split -> p, q, r, of which q alone is read
//   =>   b -> Conv <group = 1> -> q, with the part of the weights that makes it
//
// In a merged model of which only some members are wanted, the stacked operators compute all. What
// is needed of each value is found from the outputs on, as a region: a set of indices along each
// axis. Rules by operator say what has to be read for it. What a producer makes beyond that is cut
// off by Slice or Gather where it is read; constants are cut here.
//
// Does not go through operators without a rule, nor through values of unknown size: they are
// computed as a whole, from inputs that are whole.

#include "plan/narrow/narrow_values.hpp"

#include <algorithm>
#include <map>

#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"
#include "plan/narrow/narrowing.hpp"

namespace braid {
namespace {

Type type_of(DType dtype, const Dims& dims) {
  Shape shape;
  for (const std::int64_t dim : dims)
    shape.push_back(Dim::known(dim));
  return Type::tensor(dtype, std::move(shape));
}

class Narrower {
 public:
  Narrower(Model& model, CutConstants& cut_constants)
      : model_(model), graph_(model.graph), cut_constants_(cut_constants), names_(graph_) {}

  bool run() {
    needed_.resize(graph_.values.size());
    made_.resize(graph_.values.size());
    for (std::size_t v = 0; v < graph_.values.size(); ++v)
      made_[v] = whole(static_cast<ValueId>(v));
    for (const ValueId id : graph_.outputs)
      need(id, whole(id));
    plans_.resize(graph_.nodes.size());
    for (std::size_t n = graph_.nodes.size(); n-- > 0;)
      plans_[n] = plan(graph_.nodes[n]);
    rewrite();
    return has_changed_;
  }

 private:
  // Also of values of unknown size, which have no axes here.
  Region whole(ValueId id) const {
    const auto dims = known_dims(graph_, id);
    return dims ? whole_region(*dims) : Region{};
  }

  std::optional<Region>& needed(ValueId id) { return needed_[static_cast<std::size_t>(id)]; }
  Region& made(ValueId id) { return made_[static_cast<std::size_t>(id)]; }

  void need(ValueId id, const Region& region) {
    auto& known = needed(id);
    known = known ? unite(*known, region) : region;
  }

  // ---- from the outputs on: what is needed ----

  // What the node makes and reads; nothing if nobody needs it.
  std::optional<Narrowing> plan(const Node& node) {
    const bool is_needed = std::any_of(node.outputs.begin(), node.outputs.end(),
                                       [&](ValueId id) { return id != kAbsent && needed(id); });
    if (!is_needed) return std::nullopt;
    std::optional<Narrowing> result = narrowing_of(node);
    if (!result) result = all_of(node);
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] != kAbsent && result->inputs[i]) need(node.inputs[i], *result->inputs[i]);
    }
    for (const ValueId id : read_values(graph_, node)) {
      const bool is_captured =
          std::find(node.inputs.begin(), node.inputs.end(), id) == node.inputs.end();
      if (is_captured) need(id, whole(id));
    }
    for (std::size_t o = 0; o < node.outputs.size(); ++o) {
      if (node.outputs[o] != kAbsent && result->outputs[o]) {
        made(node.outputs[o]) = *result->outputs[o];
      }
    }
    return result;
  }

  std::optional<Narrowing> narrowing_of(const Node& node) {
    const NarrowRule rule = has_subgraph(node) ? nullptr : find_narrow_rule(node);
    if (rule == nullptr) return std::nullopt;
    NarrowSite site{graph_, node, model_.opset(), {}, {}, {}};
    if (!add_dims(node.inputs, site.inputs) || !add_dims(node.outputs, site.outputs)) {
      return std::nullopt;
    }
    for (const ValueId id : node.outputs)
      site.needed.push_back(id == kAbsent ? std::nullopt : needed(id));
    return rule(site);
  }

  bool add_dims(const std::vector<ValueId>& ids, std::vector<Dims>& all) const {
    for (const ValueId id : ids) {
      const auto dims = id == kAbsent ? Dims{} : known_dims(graph_, id);
      if (!dims || std::find(dims->begin(), dims->end(), 0) != dims->end()) return false;
      all.push_back(*dims);
    }
    return true;
  }

  Narrowing all_of(const Node& node) const {
    Narrowing result;
    for (const ValueId id : node.inputs)
      result.inputs.push_back(whole_or_absent(id));
    for (const ValueId id : node.outputs)
      result.outputs.push_back(whole_or_absent(id));
    return result;
  }

  std::optional<Region> whole_or_absent(ValueId id) const {
    return id == kAbsent ? std::nullopt : std::optional(whole(id));
  }

  // ---- from the inputs on: the nodes that do so ----

  void rewrite() {
    std::vector<Node> nodes = std::move(graph_.nodes);
    graph_.nodes.clear();
    for (std::size_t n = 0; n < nodes.size(); ++n) {
      if (!plans_[n]) {
        has_changed_ = true;
        continue;
      }
      if (is_narrower(nodes[n], *plans_[n])) narrow(nodes[n], *plans_[n]);
      graph_.nodes.push_back(std::move(nodes[n]));
    }
    for (const auto& [id, dims] : narrowed_)
      graph_.value(id).type = type_of(graph_.value(id).type.dtype, dims);
    if (has_changed_) remove_dead(graph_);
  }

  bool is_narrower(const Node& node, const Narrowing& plan) {
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId id = node.inputs[i];
      if (id == kAbsent || !plan.inputs[i]) continue;
      if (*plan.inputs[i] != whole(id) || made(id) != whole(id)) return true;
    }
    for (std::size_t o = 0; o < node.outputs.size(); ++o) {
      const ValueId id = node.outputs[o];
      if (id != kAbsent && (!plan.outputs[o] || *plan.outputs[o] != whole(id))) return true;
    }
    return false;
  }

  void narrow(Node& node, const Narrowing& plan) {
    has_changed_ = true;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      ValueId& id = node.inputs[i];
      if (id != kAbsent && plan.inputs[i]) id = take(id, *plan.inputs[i]);
    }
    for (std::size_t o = 0; o < node.outputs.size(); ++o) {
      ValueId& id = node.outputs[o];
      if (id == kAbsent) continue;
      if (plan.outputs[o]) {
        narrowed_.emplace_back(id, dims_of(*plan.outputs[o]));
      } else {
        id = kAbsent;
      }
    }
    if (plan.respell) {
      plan.respell(node, [this](const std::vector<std::int64_t>& values, const Dims& dims) {
        return add_ints(values, dims);
      });
    }
  }

  // The value, of which `region` alone is left.
  ValueId take(ValueId id, const Region& region) {
    if (made(id) == region) return id;
    const auto [found, is_new] = taken_.try_emplace({id, region}, kAbsent);
    if (is_new) found->second = cut(id, region);
    return found->second;
  }

  ValueId cut(ValueId id, const Region& region) {
    const Value& value = graph_.value(id);
    if (value.is_constant() && !graph_.is_input(id)) {
      if (auto part = cut_constants_.get(value.constant, region)) {
        return graph_.add_constant(names_.unique(value.name), std::move(*part));
      }
    }
    const DType dtype = value.type.dtype;
    Region left = made(id);
    for (std::size_t axis = 0; axis < region.size(); ++axis) {
      if (left[axis] == region[axis]) continue;
      const Ranges places = places_in(left[axis], region[axis]);
      left[axis] = region[axis];
      id = add_cut(id, axis, places, type_of(dtype, dims_of(left)));
    }
    return id;
  }

  // Slice, which may be a view, or Gather.
  ValueId add_cut(ValueId id, std::size_t axis, const Ranges& places, Type type) {
    constexpr std::int64_t kSliceHasInputs = 10;
    const auto signed_axis = static_cast<std::int64_t>(axis);
    Node node;
    if (places.size() == 1 && model_.opset() >= kSliceHasInputs) {
      node.op_type = "Slice";
      node.inputs = {id, add_ints({places[0].begin}, {1}), add_ints({places[0].end}, {1}),
                     add_ints({signed_axis}, {1})};
    } else {
      node.op_type = "Gather";
      const std::vector<std::int64_t> indices = indices_of(places);
      node.inputs = {id, add_ints(indices, {static_cast<std::int64_t>(indices.size())})};
      node.attributes.set("axis", signed_axis);
    }
    node.name = names_.unique(graph_.value(id).name + "/" + node.op_type);
    const ValueId output = graph_.add_value(node.name, std::move(type));
    node.outputs = {output};
    graph_.nodes.push_back(std::move(node));
    return output;
  }

  ValueId add_ints(const std::vector<std::int64_t>& values, const Dims& dims) {
    return graph_.add_constant(names_.unique("narrow"), Tensor::of<std::int64_t>(dims, values));
  }

  Model& model_;
  Graph& graph_;
  CutConstants& cut_constants_;
  NameSource names_;
  std::vector<std::optional<Region>> needed_;    // by value
  std::vector<Region> made_;                     // by value: what its producer leaves of it
  std::vector<std::optional<Narrowing>> plans_;  // by node
  std::map<std::pair<ValueId, Region>, ValueId> taken_;
  std::vector<std::pair<ValueId, Dims>> narrowed_;  // while types tell of what was before
  bool has_changed_ = false;
};

}  // namespace

bool narrow_values(Model& model, CutConstants& cut_constants) {
  return Narrower(model, cut_constants).run();
}

}  // namespace braid
