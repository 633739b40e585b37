// Op(x, y, -)   =>   Op(x, y)     where - is an optional input that is left out
//
// Some exporters write the last inputs out although they are absent. Does not fire on absent inputs
// before present ones.

#include "passes/passes.hpp"

namespace braid {

bool trim_absent_inputs(Model& model) {
  bool has_changed = false;
  for (Node& node : model.graph.nodes) {
    while (!node.inputs.empty() && node.inputs.back() == kAbsent) {
      node.inputs.pop_back();
      has_changed = true;
    }
  }
  return has_changed;
}

}  // namespace braid
