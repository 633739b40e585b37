#include "plan/specialise_shapes.hpp"

#include "passes/evaluate.hpp"

namespace braid {

void specialise_shapes(Model& model, std::span<const Tensor> inputs) {
  Graph& graph = model.graph;
  std::size_t next = 0;
  for (const ValueId id : graph.inputs) {
    Value& value = graph.value(id);
    if (value.is_constant()) continue;
    const Tensor& input = inputs[next++];
    Shape shape;
    for (const std::int64_t dim : input.dims())
      shape.push_back(Dim::known(dim));
    value.type = Type::tensor(input.dtype(), std::move(shape));
  }
  for (const ValueId id : graph.outputs)
    graph.value(id).type.shape.reset();  // what the file says need not be that of this size
  settle_types(model, evaluate);
}

}  // namespace braid
