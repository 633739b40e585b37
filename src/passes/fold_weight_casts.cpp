// w -> Cast {to: a type no larger} -> y   =>   y is a constant that streams w converted
//
// A weight converted by the model and one converted by its exporter are the same weight. No bytes
// are held, whatever their number. Does not fire when the data would grow (the file keeps the small
// ones), when w has other readers (both would be stored), when y is a graph output, nor on types
// below a byte and strings.

#include <algorithm>
#include <cstring>

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 16;  // elements converted at once

Tensor first_elements(const Tensor& weight, std::span<const std::byte> bytes) {
  const std::size_t element = dtype_bytes(weight.dtype(), 1);
  Tensor chunk =
      Tensor::allocate(weight.dtype(), {static_cast<std::int64_t>(bytes.size() / element)});
  if (!bytes.empty()) std::memcpy(chunk.mutable_raw().data(), bytes.data(), bytes.size());
  return chunk;
}

bool is_whole(DType dtype) {
  return dtype_bits(dtype) >= 8;
}

bool shrinks(const Tensor& weight, DType to) {
  return is_whole(weight.dtype()) && is_whole(to) && dtype_bits(to) <= dtype_bits(weight.dtype());
}

std::optional<Tensor> converted(const Tensor& weight, const Node& node, std::int64_t opset,
                                const Evaluator& evaluate) {
  const auto to = static_cast<DType>(node.attributes.get_int("to", 0));
  if (!shrinks(weight, to)) return std::nullopt;
  if (!weight.has_data()) return Tensor::weightless(to, weight.dims());
  const Tensor probe = Tensor::allocate(weight.dtype(), {1});
  if (!evaluate(node, opset, std::span(&probe, 1))) return std::nullopt;
  return Tensor::streamed(to, weight.dims(), [=](const Tensor::PieceSink& sink) {
    const std::size_t step = kChunk * dtype_bytes(weight.dtype(), 1);
    weight.for_each_piece([&](std::span<const std::byte> piece) {
      for (std::size_t at = 0; at < piece.size(); at += step) {
        const Tensor chunk =
            first_elements(weight, piece.subspan(at, std::min(step, piece.size() - at)));
        sink(evaluate(node, opset, std::span(&chunk, 1))->front().raw());
      }
    });
  });
}

}  // namespace

bool fold_weight_casts(Model& model, const Evaluator& evaluate) {
  Graph& graph = model.graph;
  const std::int64_t opset = model.opset();
  const std::vector<int> readers = reader_counts(graph);
  const auto folded = std::erase_if(graph.nodes, [&](const Node& node) {
    if (!node.is("Cast") || !is_weight_of_its_own(graph, node, readers)) return false;
    auto result = converted(graph.value(node.inputs[0]).constant, node, opset, evaluate);
    if (!result) return false;
    set_constant(graph.value(node.outputs[0]), std::move(*result));
    return true;
  });
  if (folded > 0) remove_dead(graph);
  return folded > 0;
}

}  // namespace braid
