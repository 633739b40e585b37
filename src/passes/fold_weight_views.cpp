// w -> Reshape | Squeeze | Unsqueeze | Flatten -> y   =>   y is a constant with the bytes of w
// w -> Transpose -> y                                 =>   y is a constant that streams w
// transposed
// w, v -> Concat -> y                                 =>   y is a constant with the bytes of both
//
// So that a weight is the same weight however it lies in the file; no bytes are copied, whatever
// their number. Does not fire when w or v has other readers (both y and w would be stored), when y
// is a graph output, nor when its dims are not known.

#include <algorithm>
#include <numeric>

#include "ir/rewrite.hpp"
#include "ir/transpose.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

std::vector<std::int64_t> perm_of(const Node& node, int rank) {
  std::vector<std::int64_t> reversed(static_cast<std::size_t>(rank));
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  return node.attributes.get_ints("perm", reversed);
}

std::optional<Tensor> view_of(const Graph& graph, const Node& node) {
  const Tensor& weight = graph.value(node.inputs[0]).constant;
  if (node.is("Transpose")) return transposed(weight, perm_of(node, weight.rank()));
  const bool is_view =
      node.is("Reshape") || node.is("Squeeze") || node.is("Unsqueeze") || node.is("Flatten");
  auto dims = known_dims(graph, node.outputs[0]);
  if (!is_view || !dims) return std::nullopt;
  // What a file declares may contradict what it has.
  if (Tensor::weightless(weight.dtype(), *dims).size() != weight.size()) return std::nullopt;
  return weight.reshaped(std::move(*dims));
}

bool can_be_joined(const std::vector<Tensor>& parts, std::size_t axis) {
  const auto others = [&](const Tensor& part) {
    std::vector<std::int64_t> dims = part.dims();
    if (axis < dims.size()) dims[axis] = 0;
    return std::pair(part.dtype(), dims);
  };
  return std::ranges::all_of(parts,
                             [&](const Tensor& part) { return others(part) == others(parts[0]); });
}

std::optional<Tensor> concatenation_of(const Graph& graph, const Node& node,
                                       const std::vector<int>& readers) {
  std::vector<Tensor> parts;
  for (const ValueId id : node.inputs) {
    const Tensor& part = graph.value(id).constant;
    if (!part || graph.is_input(id) || readers[static_cast<std::size_t>(id)] != 1)
      return std::nullopt;
    if (!parts.empty() && part.has_data() != parts[0].has_data()) return std::nullopt;
    parts.push_back(part);
  }
  const DType dtype = parts[0].dtype();
  const int rank = parts[0].rank();
  if (rank == 0 || dtype == DType::String || dtype_bits(dtype) % 8 != 0) return std::nullopt;
  const std::int64_t given = node.attributes.get_int("axis", 0);
  const std::int64_t axis = given < 0 ? given + rank : given;
  if (axis < 0 || axis >= rank || !can_be_joined(parts, static_cast<std::size_t>(axis)))
    return std::nullopt;
  return Tensor::concatenation(std::move(parts), static_cast<int>(axis));
}

}  // namespace

bool fold_weight_views(Model& model) {
  Graph& graph = model.graph;
  const std::vector<int> readers = reader_counts(graph);
  const auto folded = std::erase_if(graph.nodes, [&](const Node& node) {
    if (!is_weight_of_its_own(graph, node, readers)) return false;
    auto view = node.is("Concat") ? concatenation_of(graph, node, readers) : view_of(graph, node);
    if (!view) return false;
    set_constant(graph.value(node.outputs[0]), std::move(*view));
    return true;
  });
  if (folded > 0) remove_dead(graph);
  return folded > 0;
}

}  // namespace braid
