// Conv, pooling: x[n,c,h,w] -> y[n,k,i,j]   =>   x'[n,h,w,c] -> ai.braid.Conv, ... -> y'[n,i,j,k]
//       of m members: x[n,m*c,h,w]           =>   x'[m,n,h,w,c] -> ai.braid.Conv {members: m}
//
// Convolutions are fastest with the channels innermost. Where the channels are those of m members
// that no convolution mixes, each member lies by itself, and is convolved as if it were alone.
// Neighbours follow where it makes no difference to them (elementwise operators, Concat), so that
// a Transpose stands only where such a region begins and ends. The operators of domain ai.braid
// have the inputs and attributes of those of ONNX, but for the dims of their first input and
// output; with `members`, both have the members in front, or the input is one for all. Does not
// fire on types other than float and bfloat16, nor where dims are not known.

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "ir/rewrite.hpp"
#include "ir/transpose.hpp"
#include "ir/traverse.hpp"
#include "plan/fuse/find_member_blocks.hpp"
#include "plan/fuse/fuse.hpp"
#include "plan/fuse/image_operators.hpp"
#include "plan/operator.hpp"

namespace braid {
namespace {

using Ints = std::vector<std::int64_t>;

// Channels-last axes in terms of those of ONNX, with the members' axis second: [n, m, c, h, w] to
// [m, n, h, w, c].
Ints to_members(std::size_t rank) {
  Ints perm = {1, 0};
  for (std::size_t i = 3; i <= rank; ++i)
    perm.push_back(static_cast<std::int64_t>(i));
  perm.push_back(2);
  return perm;
}

Ints from_members(std::size_t rank) {
  Ints perm = {1, 0, static_cast<std::int64_t>(rank)};
  for (std::size_t i = 2; i < rank; ++i)
    perm.push_back(static_cast<std::int64_t>(i));
  return perm;
}

// Without members: n, h, w, c.
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

// [n, m*c, ...] => [n, m, c, ...]
Ints split_channels(Ints dims, std::int64_t members) {
  dims[1] /= members;
  dims.insert(dims.begin() + 1, members);
  return dims;
}

Ints permuted(const Ints& dims, const Ints& perm) {
  Ints result;
  for (const std::int64_t axis : perm)
    result.push_back(dims[static_cast<std::size_t>(axis)]);
  return result;
}

Ints moved(const Ints& dims, std::int64_t members) {
  if (members == 1) return permuted(dims, to_last(dims.size()));
  return permuted(split_channels(dims, members), to_members(dims.size()));
}

class Layouts {
 public:
  explicit Layouts(Graph& graph)
      : graph_(graph), names_(graph), members_(find_member_blocks(graph)) {}

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
      if (members(node.outputs[0]) > 1) node.attributes.set("members", members(node.outputs[0]));
      node.outputs[0] = new_last(node.outputs[0]);
    } else if (maps_elements(node) && can_follow(node)) {
      const ValueId out = node.outputs[0];
      for (ValueId& id : node.inputs)
        id = id == kAbsent ? kAbsent : beside(id, shape_of(graph_, out)->size(), members(out));
      node.outputs[0] = new_last(out);
    } else if (node.is("Concat") && can_concatenate(node)) {
      node.attributes.set("axis", last_axis(node));
      for (ValueId& id : node.inputs)
        id = last(id);
      node.outputs[0] = new_last(node.outputs[0]);
    } else {
      for (const ValueId id : read_values(graph_, node))
        need_first(id);
    }
    nodes_.push_back(std::move(node));
  }

  std::int64_t members(ValueId id) const { return members_[static_cast<std::size_t>(id)]; }

  // Of a Concat, in terms of ONNX.
  std::int64_t axis_of(const Node& node) const {
    const std::int64_t axis = node.attributes.get_int("axis", 0);
    const auto rank = static_cast<std::int64_t>(shape_of(graph_, node.outputs[0])->size());
    return axis < 0 ? axis + rank : axis;
  }

  std::int64_t last_axis(const Node& node) const {
    const auto rank = static_cast<std::int64_t>(shape_of(graph_, node.outputs[0])->size());
    const std::int64_t axis = axis_of(node);
    return axis == 0 ? 0 : axis == 1 ? rank - 1 : axis - 1;
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
    if (!moves_window(node) || !is_image(node.input(0)) || !is_image(node.output(0))) return false;
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
        if (shape_of(graph_, id)->size() != rank || members(id) != members(node.output(0)))
          return false;
        has_reason = true;
      } else if (!is_small(id) && !(last_.contains(id) && members(id) == members(node.output(0)))) {
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
    const auto fits = [&](ValueId id) { return last_.contains(id) && members(id) == 1; };
    return is_image(node.output(0)) && members(node.outputs[0]) == 1 &&
           std::all_of(node.inputs.begin(), node.inputs.end(), fits);
  }

  // An operand that broadcasts against channels-last ones of that rank.
  ValueId beside(ValueId id, std::size_t rank, std::int64_t members) {
    const Value& value = graph_.value(id);
    if (!value.is_constant()) return last_.contains(id) ? last_.at(id) : id;
    if (value.constant.size() == 1) return id;
    const auto found = constants_.find({id, rank, members});
    if (found != constants_.end()) return found->second;
    const std::string name = names_.unique(value.name + "/channels_last");
    const ValueId twin = graph_.add_constant(name, moved_constant(value.constant, rank, members));
    return constants_[{id, rank, members}] = twin;
  }

  // [c,1,1] => [1,1,c]; [m*c,1,1] => [m,1,1,1,c]
  static Tensor moved_constant(const Tensor& constant, std::size_t rank, std::int64_t members) {
    Ints dims = constant.dims();
    dims.insert(dims.begin(), rank - dims.size(), 1);
    if (members == 1) return transposed(constant.reshaped(dims), to_last(rank))->materialised();
    const Ints split = split_channels(dims, dims[1] == 1 ? 1 : members);
    return transposed(constant.reshaped(split), to_members(rank))->materialised();
  }

  ValueId last(ValueId id) {
    if (const auto found = last_.find(id); found != last_.end()) return found->second;
    const ValueId twin = add_twin(id);
    const Ints dims = *known_dims(graph_, id);
    if (members(id) == 1) {
      add_transpose(id, twin, to_last(dims.size()));
    } else {
      const ValueId split = add_value(id, "/members", split_channels(dims, members(id)));
      add_reshape(id, split);
      add_transpose(split, twin, to_members(dims.size()));
    }
    return last_[id] = twin;
  }

  // The channels-last form of what a node yields; the other form is made when somebody needs it.
  ValueId new_last(ValueId id) {
    lacks_first_.insert(id);
    return last_[id] = add_twin(id);
  }

  ValueId add_twin(ValueId id) {
    return add_value(id, "/channels_last", moved(*known_dims(graph_, id), members(id)));
  }

  // Of the type of `like`, and named for it.
  ValueId add_value(ValueId like, const char* suffix, const Ints& dims) {
    Type type = graph_.value(like).type;
    type.shape.emplace();
    for (const std::int64_t dim : dims)
      type.shape->push_back(Dim::known(dim));
    return graph_.add_value(names_.unique(graph_.value(like).name + suffix), std::move(type));
  }

  void need_first(ValueId id) {
    if (lacks_first_.erase(id) == 0) return;
    const Ints dims = *known_dims(graph_, id);
    if (members(id) == 1) {
      add_transpose(last_.at(id), id, to_first(dims.size()));
      return;
    }
    const ValueId split = add_value(id, "/members", split_channels(dims, members(id)));
    add_transpose(last_.at(id), split, from_members(dims.size()));
    add_reshape(split, id);
  }

  void add_reshape(ValueId from, ValueId to) {
    const Ints dims = *known_dims(graph_, to);
    const std::string name = names_.unique(graph_.value(to).name + "/shape");
    const auto rank = static_cast<std::int64_t>(dims.size());
    const ValueId shape = graph_.add_constant(name, Tensor::of<std::int64_t>({rank}, dims));
    Node& node = nodes_.emplace_back();
    node.op_type = "Reshape";
    node.name = graph_.value(to).name;
    node.inputs = {from, shape};
    node.outputs = {to};
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
  Ints members_;                     // by value of the graph as it was: blocks of its channels
  std::map<ValueId, ValueId> last_;  // by value: the same, channels last
  std::set<ValueId> lacks_first_;    // values of which nothing else exists yet
  std::map<std::tuple<ValueId, std::size_t, std::int64_t>, ValueId> constants_;  // by use
};

}  // namespace

bool lay_out_channels_last(Model& model) {
  return Layouts(model.graph).run();
}

}  // namespace braid
