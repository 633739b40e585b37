// Operators that only move elements: each is one copy or a few, of elements of any type. The dims
// of their outputs are known, so that most attributes need not be read at all.

#include <algorithm>

#include "backends/cuda/bind.hpp"
#include "backends/cuda/bind_arguments.hpp"
#include "backends/operands.hpp"
#include "backends/strided_source.hpp"

namespace braid::cuda {
namespace {

using Dims = std::vector<std::int64_t>;

// Offsets in elements.
struct Move {
  std::size_t input = 0;
  std::size_t output = 0;
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::vector<CopyAxis> axes = {};
};

std::unique_ptr<const BoundKernel> bind_moves(const Operator& op, std::vector<Move> moves) {
  const std::int64_t width = element_width(op.outputs[0].dtype);
  if (width == 0 || op.inputs[0].dtype != op.outputs[0].dtype) return nullptr;
  LaunchPlan plan;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    const bool is_read =
        std::ranges::any_of(moves, [&](const Move& move) { return move.input == i; });
    if (!is_read) plan.unread.push_back(i);
  }
  plan.add_launches = [=, moves = std::move(moves)](const BoundKernel::Operands& at,
                                                    LaunchList& list) {
    for (const Move& move : moves) {
      add_copy(list, at.inputs[move.input] + move.from * width,
               at.outputs[move.output] + move.to * width, move.axes, width);
    }
  };
  return make_launch_kernel(std::move(plan), op.inputs.size(), op.outputs.size());
}

std::vector<CopyAxis> axes_of(const Dims& dims, const Dims& from, const Dims& to) {
  std::vector<CopyAxis> axes;
  for (std::size_t i = 0; i < dims.size(); ++i)
    axes.push_back({dims[i], from[i], to[i]});
  return axes;
}

// One copy to a contiguous output.
std::unique_ptr<const BoundKernel> bind_copy(const Operator& op, const Dims& dims,
                                             const Dims& from_strides, std::int64_t from = 0) {
  return bind_moves(op, {{0, 0, from, 0, axes_of(dims, from_strides, strides_of(dims))}});
}

// Axis i of the output is axis perm[i] of the input seen with the dims `seen`.
std::unique_ptr<const BoundKernel> bind_permuted(const Operator& op, const Dims& seen,
                                                 const std::vector<std::size_t>& perm) {
  if (product(seen) != product(op.outputs[0].dims)) return nullptr;
  const Dims strides = strides_of(seen);
  Dims dims;
  Dims from;
  for (const std::size_t axis : perm) {
    dims.push_back(seen[axis]);
    from.push_back(strides[axis]);
  }
  return bind_copy(op, dims, from);
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_transpose(const Operator& op, const Target&) {
  const Dims& dims = op.inputs[0].dims;
  std::vector<std::size_t> perm;
  for (const std::int64_t axis : op.attributes.get_ints("perm")) {
    const auto from = axis_of(axis, dims.size());
    if (!from || std::ranges::find(perm, *from) != perm.end()) return nullptr;
    perm.push_back(*from);
  }
  if (!op.attributes.has("perm")) {
    for (std::size_t axis = dims.size(); axis-- > 0;)
      perm.push_back(axis);
  }
  return perm.size() == dims.size() ? bind_permuted(op, dims, perm) : nullptr;
}

std::unique_ptr<const BoundKernel> bind_depth_to_space(const Operator& op, const Target&) {
  const Dims& d = op.inputs[0].dims;
  const std::int64_t b = op.attributes.get_int("blocksize", 0);
  if (d.size() != 4 || b < 1 || d[1] % (b * b) != 0) return nullptr;
  const std::int64_t depth = d[1] / (b * b);
  const std::string mode = op.attributes.get_string("mode", "DCR");
  if (mode == "DCR") return bind_permuted(op, {d[0], b, b, depth, d[2], d[3]}, {0, 3, 4, 1, 5, 2});
  if (mode == "CRD") return bind_permuted(op, {d[0], depth, b, b, d[2], d[3]}, {0, 1, 4, 2, 5, 3});
  return nullptr;
}

std::unique_ptr<const BoundKernel> bind_space_to_depth(const Operator& op, const Target&) {
  const Dims& d = op.inputs[0].dims;
  const std::int64_t b = op.attributes.get_int("blocksize", 0);
  if (d.size() != 4 || b < 1 || d[2] % b != 0 || d[3] % b != 0) return nullptr;
  return bind_permuted(op, {d[0], d[1], d[2] / b, b, d[3] / b, b}, {0, 3, 5, 1, 2, 4});
}

std::unique_ptr<const BoundKernel> bind_concat(const Operator& op, const Target&) {
  const Dims& to = op.outputs[0].dims;
  const auto axis = axis_of(op.attributes.get_int("axis", 1), to.size());
  if (!axis) return nullptr;
  const std::int64_t outer = product(to, 0, *axis);
  const std::int64_t row = product(to, *axis, to.size());
  std::vector<Move> moves;
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    const Dims& dims = op.inputs[i].dims;
    if (op.inputs[i].dtype != op.outputs[0].dtype || dims.size() != to.size()) return nullptr;
    const std::int64_t part = product(dims, *axis, dims.size());
    if (product(dims, 0, *axis) != outer) return nullptr;
    if (!op.inputs[i].is_in_place)
      moves.push_back({i, 0, 0, offset, {{outer, part, row}, {part, 1, 1}}});
    offset += part;
  }
  return offset == row ? bind_moves(op, std::move(moves)) : nullptr;
}

std::unique_ptr<const BoundKernel> bind_split(const Operator& op, const Target&) {
  const Dims& from = op.inputs[0].dims;
  const auto axis = axis_of(op.attributes.get_int("axis", 0), from.size());
  if (!axis) return nullptr;
  const std::int64_t outer = product(from, 0, *axis);
  const std::int64_t row = product(from, *axis, from.size());
  std::vector<Move> moves;
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < op.outputs.size(); ++i) {
    const Dims& dims = op.outputs[i].dims;
    if (op.outputs[i].is_absent() || dims.size() != from.size()) return nullptr;
    const std::int64_t part = product(dims, *axis, dims.size());
    moves.push_back({0, i, offset, 0, {{outer, row, part}, {part, 1, 1}}});
    offset += part;
  }
  return offset == row ? bind_moves(op, std::move(moves)) : nullptr;
}

std::unique_ptr<const BoundKernel> bind_slice(const Operator& op, const Target&) {
  const auto source = slice_source(op);
  return source ? bind_copy(op, source->dims, source->strides, source->first) : nullptr;
}

std::unique_ptr<const BoundKernel> bind_expand(const Operator& op, const Target&) {
  const Dims& to = op.outputs[0].dims;
  const auto strides = broadcast_strides(op.inputs[0].dims, to);
  return strides ? bind_copy(op, to, *strides) : nullptr;
}

std::unique_ptr<const BoundKernel> bind_identity(const Operator& op, const Target&) {
  const std::int64_t count = product(op.inputs[0].dims);
  return count == product(op.outputs[0].dims) ? bind_copy(op, {count}, {1}) : nullptr;
}

std::unique_ptr<const BoundKernel> bind_tile(const Operator& op, const Target&) {
  const auto source = tile_source(op);
  return source ? bind_copy(op, source->dims, source->strides) : nullptr;
}

}  // namespace braid::cuda
