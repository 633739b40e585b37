// Conv, pooling: x[n,c,h,w] -> y[n,k,i,j]   =>   x'[n,h,w,c] -> ai.braid.Conv, ... -> y'[n,i,j,k]
//
// Convolutions are fastest with the channels innermost. Their neighbours follow where it makes no
// difference to them (elementwise operators, Concat), so that a Transpose stands only where such a
// region begins and ends. The operators of domain ai.braid have the inputs and attributes of those
// of ONNX, but for the dims of their first input and output. Does not fire on types other than
// float and bfloat16, nor where dims are not known.

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "ir/rewrite.hpp"
#include "ir/transpose.hpp"
#include "ir/traverse.hpp"
#include "plan/fuse/fuse.hpp"
#include "plan/operator.hpp"

namespace braid {
namespace {

using Ints = std::vector<std::int64_t>;

constexpr std::array<std::string_view, 5> kWindowed = {"Conv", "MaxPool", "AveragePool",
                                                       "GlobalAveragePool", "GlobalMaxPool"};

constexpr std::array<std::string_view, 36> kElementwise = {
    "Abs",        "Add",  "Cast",  "Ceil", "Celu",        "Clip",      "Div",      "Elu",
    "Erf",        "Exp",  "Floor", "Gelu", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu",
    "Log",        "Max",  "Min",   "Mish", "Mul",         "Neg",       "PRelu",    "Pow",
    "Reciprocal", "Relu", "Round", "Selu", "Sigmoid",     "Softplus",  "Softsign", "Sqrt",
    "Sub",        "Sum",  "Swish", "Tanh"};

template <std::size_t N>
bool is_one_of(const Node& node, const std::array<std::string_view, N>& ops) {
  return node.domain.empty() && std::find(ops.begin(), ops.end(), node.op_type) != ops.end();
}

// Channels-last axes in terms of those of ONNX: n, h, w, c.
Ints to_last(std::size_t rank) {
  Ints perm = {0};
  for (std::size_t i = 2; i < rank; ++i)
    perm.push_back(static_cast<std::int64_t>(i));
  perm.push_back(1);
  return perm;
}

Ints to_first(std::size_t rank) {
  Ints perm = {0, static_cast<std::int64_t>(rank) - 1};
  for (std::size_t i = 1; i + 1 < rank; ++i)
    perm.push_back(static_cast<std::int64_t>(i));
  return perm;
}

Type moved(Type type) {
  std::rotate(type.shape->begin() + 1, type.shape->begin() + 2, type.shape->end());
  return type;
}

class Layouts {
 public:
  explicit Layouts(Graph& graph) : graph_(graph), names_(graph) {}

  bool run() {
    std::vector<Node> nodes = std::move(graph_.nodes);
    for (Node& node : nodes)
      place(std::move(node));
    for (const ValueId id : graph_.outputs)
      need_first(id);
    graph_.nodes = std::move(nodes_);
    return !last_.empty();
  }

 private:
  void place(Node node) {
    if (is_windowed(node)) {
      node.inputs[0] = last(node.inputs[0]);
      node.domain = kFusedDomain;
      node.outputs[0] = new_last(node.outputs[0]);
    } else if (is_one_of(node, kElementwise) && can_follow(node)) {
      for (ValueId& id : node.inputs)
        id = id == kAbsent ? kAbsent : beside(id, shape_of(graph_, node.outputs[0])->size());
      node.outputs[0] = new_last(node.outputs[0]);
    } else if (node.is("Concat") && can_concatenate(node)) {
      const auto rank = static_cast<std::int64_t>(shape_of(graph_, node.outputs[0])->size());
      std::int64_t axis = node.attributes.get_int("axis", 0);
      if (axis < 0) axis += rank;
      node.attributes.set("axis", axis == 0 ? 0 : axis == 1 ? rank - 1 : axis - 1);
      for (ValueId& id : node.inputs)
        id = last(id);
      node.outputs[0] = new_last(node.outputs[0]);
    } else {
      for (const ValueId id : read_values(graph_, node))
        need_first(id);
    }
    nodes_.push_back(std::move(node));
  }

  bool is_image(ValueId id) const {
    if (id == kAbsent || !known_dims(graph_, id)) return false;
    const Type& type = graph_.value(id).type;
    const auto is_empty = [](const Dim& dim) { return dim.size == 0; };
    if (std::any_of(type.shape->begin(), type.shape->end(), is_empty)) return false;
    return type.shape->size() >= 3 && type.shape->size() <= 5 &&
           (type.dtype == DType::Float32 || type.dtype == DType::Float16 ||
            type.dtype == DType::BFloat16);
  }

  bool is_windowed(const Node& node) const {
    if (!is_one_of(node, kWindowed) || !is_image(node.input(0)) || !is_image(node.output(0)))
      return false;
    const auto count = std::count_if(node.outputs.begin(), node.outputs.end(),
                                     [](ValueId id) { return id != kAbsent; });
    if (count != 1) return false;
    if (node.is("Conv")) return graph_.value(node.input(1)).is_constant();
    const Ints ones(shape_of(graph_, node.inputs[0])->size() - 2, 1);
    if (node.attributes.get_ints("dilations", ones) != ones) return false;
    const bool is_rounded_up = node.attributes.get_int("ceil_mode", 0) != 0;
    return !is_rounded_up || (node.is("MaxPool") && windows_start_inside(node));
  }

  // ONNX's inference counts windows that start in the padding at the end, which do not exist.
  bool windows_start_inside(const Node& node) const {
    const Ints from = *known_dims(graph_, node.inputs[0]);
    const Ints to = *known_dims(graph_, node.outputs[0]);
    const std::size_t rank = from.size() - 2;
    const Ints strides = node.attributes.get_ints("strides", Ints(rank, 1));
    const Ints pads = node.attributes.get_ints("pads", Ints(2 * rank, 0));
    for (std::size_t i = 0; i < rank; ++i) {
      if ((to[i + 2] - 1) * strides[i] - pads[i] >= from[i + 2]) return false;
    }
    return true;
  }

  bool has_last_only(ValueId id) const { return lacks_first_.contains(id); }

  // An elementwise operator follows if one of its operands lies channels-last only, and the others
  // can be had so without moving much.
  bool can_follow(const Node& node) const {
    if (!is_ranked(node.output(0))) return false;
    const std::size_t rank = shape_of(graph_, node.outputs[0])->size();
    bool has_reason = false;
    for (const ValueId id : node.inputs) {
      if (id == kAbsent) continue;
      if (has_last_only(id)) {
        has_reason = has_reason || shape_of(graph_, id)->size() == rank;
        if (shape_of(graph_, id)->size() != rank) return false;
      } else if (!last_.contains(id) && !is_small(id)) {
        return false;
      }
    }
    return has_reason;
  }

  bool is_ranked(ValueId id) const {
    if (id == kAbsent || !known_dims(graph_, id)) return false;
    const std::size_t rank = shape_of(graph_, id)->size();
    return rank >= 3 && rank <= 5;
  }

  // Constants, and what has one element.
  bool is_small(ValueId id) const {
    if (!known_dims(graph_, id)) return false;
    const Value& value = graph_.value(id);
    return value.is_constant() ||
           Tensor::weightless(DType::UInt8, *known_dims(graph_, id)).size() == 1;
  }

  bool can_concatenate(const Node& node) const {
    return is_image(node.output(0)) && std::all_of(node.inputs.begin(), node.inputs.end(),
                                                   [&](ValueId id) { return last_.contains(id); });
  }

  // An operand that broadcasts against channels-last ones of that rank.
  ValueId beside(ValueId id, std::size_t rank) {
    if (last_.contains(id)) return last_.at(id);
    const Value& value = graph_.value(id);
    const Tensor& constant = value.constant;
    if (!value.is_constant() || constant.size() == 1) return id;
    // [c,1,1] => [1,1,c]
    Ints dims = constant.dims();
    const bool is_padded = dims.size() < rank;
    dims.insert(dims.begin(), rank - dims.size(), 1);
    Tensor moved_constant = transposed(constant.reshaped(dims), to_last(rank))->materialised();
    const std::string name = names_.unique(value.name + "/channels_last");
    const ValueId twin = graph_.add_constant(name, std::move(moved_constant));
    if (!is_padded) last_[id] = twin;  // what is, serves for this rank alone
    return twin;
  }

  ValueId last(ValueId id) {
    if (const auto found = last_.find(id); found != last_.end()) return found->second;
    const ValueId twin = add_twin(id);
    add_transpose(id, twin, to_last(shape_of(graph_, id)->size()));
    return last_[id] = twin;
  }

  // The channels-last form of what a node yields; the other form is made when somebody needs it.
  ValueId new_last(ValueId id) {
    lacks_first_.insert(id);
    return last_[id] = add_twin(id);
  }

  ValueId add_twin(ValueId id) {
    const std::string name = names_.unique(graph_.value(id).name + "/channels_last");
    return graph_.add_value(name, moved(graph_.value(id).type));
  }

  void need_first(ValueId id) {
    if (lacks_first_.erase(id) > 0)
      add_transpose(last_.at(id), id, to_first(shape_of(graph_, id)->size()));
  }

  void add_transpose(ValueId from, ValueId to, Ints perm) {
    Node& node = nodes_.emplace_back();
    node.op_type = "Transpose";
    node.name = graph_.value(to).name;
    node.inputs = {from};
    node.outputs = {to};
    node.attributes.set("perm", std::move(perm));
  }

  Graph& graph_;
  NameSource names_;
  std::vector<Node> nodes_;
  std::map<ValueId, ValueId> last_;  // by value: the same, channels last
  std::set<ValueId> lacks_first_;    // values of which nothing else exists yet
};

}  // namespace

bool lay_out_channels_last(Model& model) {
  return Layouts(model.graph).run();
}

}  // namespace braid
