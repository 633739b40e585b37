// x[b,128,768] -> Shape -> Gather(1) -> s   =>   s is the constant 128
// x[4,128]     -> Shape -> s                =>   s is the constant [4,128]
// x[b,128,768] -> Shape -> Slice(1:) -> s   =>   s is the constant [128,768]
//
// Exporters ask for dims at run time that the types already tell. Does not fire when a dim that is
// asked for is not known, nor when s is a graph output.

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

// The dims that a Shape node yields; unknown ones are -1. Empty if the rank is not known.
std::optional<std::vector<std::int64_t>> yielded_dims(const Graph& graph, const Node& node) {
  const Shape* shape = shape_of(graph, node.input(0));
  if (shape == nullptr) return std::nullopt;
  const auto rank = static_cast<std::int64_t>(shape->size());
  const std::int64_t start = bounded_place(node.attributes.get_int("start", 0), rank);
  const std::int64_t end = bounded_place(node.attributes.get_int("end", rank), rank);
  std::vector<std::int64_t> dims;
  for (std::int64_t i = start; i < end; ++i) {
    const Dim& dim = (*shape)[static_cast<std::size_t>(i)];
    dims.push_back(dim.is_known() ? dim.size : -1);
  }
  return dims;
}

std::optional<Tensor> select(const std::vector<std::int64_t>& dims,
                             const std::vector<std::int64_t>& places,
                             std::vector<std::int64_t> result_dims) {
  std::vector<std::int64_t> values;
  for (std::int64_t place : places) {
    if (place < 0) place += static_cast<std::int64_t>(dims.size());
    if (place < 0 || place >= static_cast<std::int64_t>(dims.size())) return std::nullopt;
    if (dims[static_cast<std::size_t>(place)] < 0) return std::nullopt;
    values.push_back(dims[static_cast<std::size_t>(place)]);
  }
  return Tensor::of<std::int64_t>(std::move(result_dims), values);
}

std::optional<Tensor> fold_gather(const Graph& graph, const Node& node,
                                  const std::vector<std::int64_t>& dims) {
  const auto indices = constant_ints(graph, node.input(1));
  if (!indices) return std::nullopt;
  return select(dims, *indices, graph.value(node.inputs[1]).constant.dims());
}

std::optional<Tensor> fold_slice(const Graph& graph, const Node& node,
                                 const std::vector<std::int64_t>& dims) {
  const auto starts = node.attributes.has("starts") ? node.attributes.get_ints("starts")
                                                    : constant_ints(graph, node.input(1));
  const auto ends = node.attributes.has("ends") ? node.attributes.get_ints("ends")
                                                : constant_ints(graph, node.input(2));
  if (!starts || !ends || starts->size() != 1 || ends->size() != 1) return std::nullopt;
  if (node.input(4) != kAbsent &&
      constant_ints(graph, node.inputs[4]) != std::vector<std::int64_t>{1}) {
    return std::nullopt;
  }
  const auto size = static_cast<std::int64_t>(dims.size());
  std::vector<std::int64_t> places;
  for (std::int64_t i = bounded_place((*starts)[0], size); i < bounded_place((*ends)[0], size); ++i)
    places.push_back(i);
  const auto count = static_cast<std::int64_t>(places.size());
  return select(dims, places, {count});
}

std::optional<Tensor> fold(const Graph& graph, const Node& node, const std::vector<int>& producer) {
  if (node.is("Shape")) {
    const auto dims = yielded_dims(graph, node);
    if (!dims) return std::nullopt;
    std::vector<std::int64_t> all(dims->size());
    for (std::size_t i = 0; i < all.size(); ++i)
      all[i] = static_cast<std::int64_t>(i);
    return select(*dims, all, {static_cast<std::int64_t>(all.size())});
  }
  if (!node.is("Gather") && !node.is("Slice")) return std::nullopt;
  if (node.input(0) == kAbsent) return std::nullopt;
  const int from = producer[static_cast<std::size_t>(node.inputs[0])];
  if (from < 0 || !graph.nodes[static_cast<std::size_t>(from)].is("Shape")) return std::nullopt;
  const auto dims = yielded_dims(graph, graph.nodes[static_cast<std::size_t>(from)]);
  if (!dims) return std::nullopt;
  return node.is("Gather") ? fold_gather(graph, node, *dims) : fold_slice(graph, node, *dims);
}

}  // namespace

bool fold_shapes(Model& model) {
  Graph& graph = model.graph;
  const std::vector<int> producer = producers(graph);
  bool has_folded = false;
  const std::size_t count = graph.nodes.size();
  std::vector<bool> is_folded(count, false);
  for (std::size_t n = 0; n < count; ++n) {
    const Node& node = graph.nodes[n];
    if (node.output(0) == kAbsent || graph.is_output(node.outputs[0])) continue;
    auto tensor = fold(graph, node, producer);
    if (!tensor) continue;
    Value& value = graph.value(node.outputs[0]);
    Shape shape;
    for (const std::int64_t dim : tensor->dims())
      shape.push_back(Dim::known(dim));
    value.type = Type::tensor(tensor->dtype(), std::move(shape));
    value.constant = std::move(*tensor);
    is_folded[n] = has_folded = true;
  }
  if (!has_folded) return false;
  std::vector<Node> kept;
  for (std::size_t n = 0; n < count; ++n) {
    if (!is_folded[n]) kept.push_back(std::move(graph.nodes[n]));
  }
  graph.nodes = std::move(kept);
  remove_dead(graph);
  return true;
}

}  // namespace braid
