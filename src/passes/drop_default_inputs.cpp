// graph (x, w = initializer)   =>   graph (x), w an initializer
//
// Before IR 4 every initializer had to be an input as well. Callers do not feed weights, and a
// weight that may be overridden could be neither shared nor folded.

#include "passes/passes.hpp"

namespace braid {

bool drop_default_inputs(Model& model) {
  const auto dropped = std::erase_if(
      model.graph.inputs, [&](ValueId id) { return model.graph.value(id).is_constant(); });
  if (dropped > 0 && model.ir_version < 4) model.ir_version = 4;
  return dropped > 0;
}

}  // namespace braid
