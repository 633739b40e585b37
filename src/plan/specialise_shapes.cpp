#include "plan/specialise_shapes.hpp"

#include "passes/evaluate.hpp"

namespace braid {

namespace {

// What the file says stands, for sequences and optionals: their elements may differ.
void set_type(Type& type, const Datum& datum) {
  if (!datum.is_tensor()) return;
  if (type.kind != Type::Kind::Tensor && type.kind != Type::Kind::Unknown) return;
  Shape shape;
  for (const std::int64_t dim : datum.tensor().dims())
    shape.push_back(Dim::known(dim));
  type = Type::tensor(datum.tensor().dtype(), std::move(shape));
}

}  // namespace

void specialise_shapes(Model& model, std::span<const Datum> inputs) {
  Graph& graph = model.graph;
  std::size_t next = 0;
  for (const ValueId id : graph.inputs) {
    Value& value = graph.value(id);
    if (value.is_constant()) continue;
    set_type(value.type, inputs[next++]);
  }
  // What the file says need not be that of these sizes. It may even contradict the operators, and
  // kernels write as many elements as they are told.
  for (const Node& node : graph.nodes) {
    for (const ValueId id : node.outputs)
      if (id != kAbsent) graph.value(id).type.shape.reset();
  }
  settle_types(model, evaluate);
}

}  // namespace braid
