// sparse initializer w   =>   initializer w with all its zeros
//
// Few runtimes read sparse initializers, and rules know dense weights only. Does not fire without
// them.

#include "ir/densify.hpp"
#include "passes/passes.hpp"

namespace braid {

bool densify_sparse_initializers(Model& model) {
  Graph& graph = model.graph;
  if (graph.sparse_initializers.empty()) return false;
  for (const auto& [name, sparse] : graph.sparse_initializers) {
    for (Value& value : graph.values) {
      if (value.name != name) continue;
      value.constant = densify(sparse, name);
      Shape shape;
      for (const std::int64_t dim : value.constant.dims())
        shape.push_back(Dim::known(dim));
      value.type = Type::tensor(value.constant.dtype(), std::move(shape));
    }
  }
  graph.sparse_initializers.clear();
  return true;
}

}  // namespace braid
