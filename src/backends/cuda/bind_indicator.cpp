// OneHot, Trilu and EyeLike: chains of elementwise steps, in which the place of an element takes
// part.

#include "backends/cuda/bind.hpp"
#include "backends/cuda/bind_arguments.hpp"
#include "backends/cuda/chain_builder.hpp"
#include "backends/operands.hpp"

namespace braid::cuda {
namespace {

using Dims = std::vector<std::int64_t>;

// Column minus row of matrices.
Dims diagonal(std::size_t rank) {
  Dims strides(rank, 0);
  strides[rank - 2] = -1;
  strides[rank - 1] = 1;
  return strides;
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_one_hot(const Operator& op, const Target& target) {
  const braid::Operand& indices = op.inputs[0];
  const Dims& dims = op.outputs[0].dims;
  const bool is_int = indices.dtype == DType::Int64 || indices.dtype == DType::Int32;
  const auto axis = axis_of(op.attributes.get_int("axis", -1), indices.dims.size() + 1);
  if (!is_int || !axis || dims.size() != indices.dims.size() + 1 || product(dims) == 0 ||
      product(op.inputs[2].dims) != 2 || op.outputs[0].dtype != op.inputs[2].dtype ||
      op.inputs[1].constant == nullptr || target.weights.is_asking()) {
    return nullptr;
  }
  const auto at = static_cast<std::ptrdiff_t>(*axis);
  Dims strides = strides_of(indices.dims);
  strides.insert(strides.begin() + at, 0);
  Dims along(dims.size(), 0);
  along[*axis] = 1;
  const Dims nowhere(dims.size(), 0);
  ChainBuilder builder(op);
  const ChainValue index = builder.view(0, strides);
  const ChainValue is_negative =
      builder.emit(ChainOp::Less, {index, builder.number(0, target.gpu)}, {}, DType::Bool);
  const ChainValue from_end =
      builder.emit(ChainOp::Add, {index, builder.number(dims[*axis], target.gpu)});
  const ChainValue place = builder.emit(ChainOp::Where, {is_negative, from_end, index});
  const ChainValue is_hot =
      builder.emit(ChainOp::Equal, {place, builder.place(along)}, {}, DType::Bool);
  const ChainValue on = builder.view(2, nowhere, 1);
  const ChainValue off = builder.view(2, nowhere, 0);
  return builder.finish(builder.emit(ChainOp::Where, {is_hot, on, off}));
}

std::unique_ptr<const BoundKernel> bind_trilu(const Operator& op, const Target& target) {
  const Dims& dims = op.inputs[0].dims;
  if (dims.size() < 2 || op.outputs[0].dims != dims || target.weights.is_asking()) return nullptr;
  std::int64_t k = 0;
  if (op.has_input(1)) {
    const auto stated = constant_ints(op, 1, "");
    if (!stated || stated->size() != 1) return nullptr;
    k = (*stated)[0];
  }
  const bool is_upper = op.attributes.get_int("upper", 1) != 0;
  ChainBuilder builder(op, true);
  const ChainValue is_kept = builder.emit(
      is_upper ? ChainOp::GreaterOrEqual : ChainOp::LessOrEqual,
      {builder.place(diagonal(dims.size())), builder.number(k, target.gpu)}, {}, DType::Bool);
  const ChainValue zero = builder.number(0, target.gpu);  // of floats, too, by its bits
  return builder.finish(builder.emit(ChainOp::Where, {is_kept, builder.input(0), zero}));
}

std::unique_ptr<const BoundKernel> bind_eye_like(const Operator& op, const Target& target) {
  const braid::Operand& output = op.outputs[0];
  if (output.dims.size() != 2 || target.weights.is_asking()) return nullptr;
  ChainBuilder builder(op, true);
  const ChainValue k = builder.number(op.attributes.get_int("k", 0), target.gpu);
  const ChainValue is_one =
      builder.emit(ChainOp::Equal, {builder.place(diagonal(2)), k}, {}, DType::Bool);
  const bool is_float = is_computed_in_float(output.dtype);
  return builder.finish(is_float ? builder.emit(ChainOp::ToFloat, {is_one}) : is_one);
}

}  // namespace braid::cuda
