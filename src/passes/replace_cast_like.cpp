// CastLike(x, t)   =>   Cast {to: type of t}(x)
//
// What t is computed from plays no part any more. Does not fire where the type of t is not known.

#include "passes/passes.hpp"

namespace braid {

bool replace_cast_like(Model& model) {
  bool has_changed = false;
  for (Node& node : model.graph.nodes) {
    if (!node.is("CastLike") || node.input(1) == kAbsent) continue;
    const Type& type = model.graph.value(node.input(1)).type;
    if (!type.is_tensor() || type.dtype == DType::Undefined) continue;
    node.op_type = "Cast";
    node.inputs.resize(1);
    node.attributes.set("to", static_cast<std::int64_t>(type.dtype));
    has_changed = true;
  }
  return has_changed;
}

}  // namespace braid
