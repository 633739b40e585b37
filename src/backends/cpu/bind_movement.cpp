// Operators that only move elements: each is a few strided copies. The dims of their outputs are
// known, so that most attributes need not be read at all.

#include <algorithm>

#include "backends/cpu/bind.hpp"
#include "backends/cpu/moves.hpp"
#include "backends/operands.hpp"
#include "backends/strided_source.hpp"

namespace braid {
namespace {

using Dims = std::vector<std::int64_t>;

// One copy from the first input to the output.
std::unique_ptr<const BoundKernel> bind_copy(const Operator& op, cpu::StridedCopy copy) {
  const std::int64_t width = element_width(op.inputs[0].dtype);
  if (width == 0 || op.outputs[0].dtype != op.inputs[0].dtype) return nullptr;
  return make_moves(width, op.inputs.size(), {{Move::Source::Input, 0, 0, std::move(copy)}});
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
  return bind_copy(op, copy_of(dims, from));
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_transpose(const Operator& op, PackedWeights&) {
  const Dims& dims = op.inputs[0].dims;
  std::vector<std::size_t> perm;
  for (const std::int64_t axis : op.attributes.get_ints("perm")) {
    const auto from = axis_of(axis, dims.size());
    if (!from || std::find(perm.begin(), perm.end(), *from) != perm.end()) return nullptr;
    perm.push_back(*from);
  }
  if (!op.attributes.has("perm")) {
    for (std::size_t axis = dims.size(); axis-- > 0;)
      perm.push_back(axis);
  }
  return perm.size() == dims.size() ? bind_permuted(op, dims, perm) : nullptr;
}

std::unique_ptr<const BoundKernel> bind_depth_to_space(const Operator& op, PackedWeights&) {
  const Dims& d = op.inputs[0].dims;
  const std::int64_t b = op.attributes.get_int("blocksize", 0);
  if (d.size() != 4 || b < 1 || d[1] % (b * b) != 0) return nullptr;
  const std::int64_t depth = d[1] / (b * b);
  const std::string mode = op.attributes.get_string("mode", "DCR");
  if (mode == "DCR") return bind_permuted(op, {d[0], b, b, depth, d[2], d[3]}, {0, 3, 4, 1, 5, 2});
  if (mode == "CRD") return bind_permuted(op, {d[0], depth, b, b, d[2], d[3]}, {0, 1, 4, 2, 5, 3});
  return nullptr;
}

std::unique_ptr<const BoundKernel> bind_space_to_depth(const Operator& op, PackedWeights&) {
  const Dims& d = op.inputs[0].dims;
  const std::int64_t b = op.attributes.get_int("blocksize", 0);
  if (d.size() != 4 || b < 1 || d[2] % b != 0 || d[3] % b != 0) return nullptr;
  return bind_permuted(op, {d[0], d[1], d[2] / b, b, d[3] / b, b}, {0, 3, 5, 1, 2, 4});
}

std::unique_ptr<const BoundKernel> bind_concat(const Operator& op, PackedWeights&) {
  const Operand& output = op.outputs[0];
  const std::int64_t width = element_width(output.dtype);
  const auto axis = axis_of(op.attributes.get_int("axis", 1), output.dims.size());
  if (width == 0 || !axis) return nullptr;
  const std::int64_t outer = product(output.dims, 0, *axis);
  const std::int64_t row = product(output.dims, *axis, output.dims.size());
  std::vector<Move> moves;
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    const Dims& dims = op.inputs[i].dims;
    if (op.inputs[i].dtype != output.dtype || dims.size() != output.dims.size()) return nullptr;
    const std::int64_t part = product(dims, *axis, dims.size());
    if (product(dims, 0, *axis) != outer) return nullptr;
    cpu::StridedCopy copy = copy_of({outer, part}, {part, 1}, {row, 1});
    copy.to_offset = offset;
    offset += part;
    if (!op.inputs[i].is_in_place) moves.push_back({Move::Source::Input, i, 0, std::move(copy)});
  }
  if (offset != row) return nullptr;
  return make_moves(width, op.inputs.size(), std::move(moves));
}

std::unique_ptr<const BoundKernel> bind_split(const Operator& op, PackedWeights&) {
  const Operand& input = op.inputs[0];
  const std::int64_t width = element_width(input.dtype);
  const auto axis = axis_of(op.attributes.get_int("axis", 0), input.dims.size());
  if (width == 0 || !axis) return nullptr;
  const std::int64_t outer = product(input.dims, 0, *axis);
  const std::int64_t row = product(input.dims, *axis, input.dims.size());
  std::vector<Move> moves;
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < op.outputs.size(); ++i) {
    const Dims& dims = op.outputs[i].dims;
    if (op.outputs[i].is_absent() || dims.size() != input.dims.size()) return nullptr;
    const std::int64_t part = product(dims, *axis, dims.size());
    cpu::StridedCopy copy = copy_of({outer, part}, {row, 1}, {part, 1});
    copy.from_offset = offset;
    offset += part;
    moves.push_back({Move::Source::Input, 0, i, std::move(copy)});
  }
  if (offset != row) return nullptr;
  return make_moves(width, op.inputs.size(), std::move(moves));
}

std::unique_ptr<const BoundKernel> bind_slice(const Operator& op, PackedWeights&) {
  const auto source = slice_source(op);
  if (!source) return nullptr;
  cpu::StridedCopy copy = copy_of(source->dims, source->strides);
  copy.from_offset = source->first;
  return bind_copy(op, std::move(copy));
}

std::unique_ptr<const BoundKernel> bind_expand(const Operator& op, PackedWeights&) {
  const Dims& to = op.outputs[0].dims;
  const auto strides = broadcast_strides(op.inputs[0].dims, to);
  return strides ? bind_copy(op, copy_of(to, *strides)) : nullptr;
}

std::unique_ptr<const BoundKernel> bind_tile(const Operator& op, PackedWeights&) {
  const auto source = tile_source(op);
  return source ? bind_copy(op, copy_of(source->dims, source->strides)) : nullptr;
}

std::unique_ptr<const BoundKernel> bind_constant_of_shape(const Operator& op, PackedWeights&) {
  const Operand& output = op.outputs[0];
  const std::int64_t width = element_width(output.dtype);
  if (width == 0) return nullptr;
  std::vector<std::byte> fill(static_cast<std::size_t>(width));
  if (const Attribute* value = op.attributes.find("value")) {
    const Tensor* tensor = std::get_if<Tensor>(&value->value);
    if (tensor == nullptr || !tensor->has_data() || tensor->size() != 1) return nullptr;
    const Tensor plain = tensor->materialised();
    fill.assign(plain.raw().begin(), plain.raw().end());
  }
  return make_moves(width, op.inputs.size(),
                    {{Move::Source::Fill, 0, 0, copy_of({product(output.dims)}, {0})}},
                    std::move(fill));
}

}  // namespace braid
