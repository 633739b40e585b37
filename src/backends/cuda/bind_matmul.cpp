// MatMul and ai.braid.MatMul (a, b, bias, summand): one launch for all matrices of a batch, each
// with an epilogue. Where one matrix on the right serves several on the left, these are one. A
// batch of more than two axes, after those that lie alike are joined, takes a launch for each index
// of the outer ones.

#include <algorithm>

#include "backends/cuda/bind.hpp"
#include "backends/cuda/bind_arguments.hpp"
#include "backends/cuda/epilogue.hpp"
#include "backends/operands.hpp"

namespace braid::cuda {
namespace {

using Dims = std::vector<std::int64_t>;

enum Factor : std::uint8_t { kA, kB, kY, kBiasOperand, kSummandOperand };

// Axes of a product, with the strides of a, b, y, bias and summand.
struct Product {
  std::vector<JointAxis> batch;
  JointAxis rows;
  JointAxis columns;
  JointAxis depth;
};

Dims as_matrices(Dims dims, bool is_left, std::size_t rank) {
  if (dims.size() == 1) dims.insert(is_left ? dims.begin() : dims.end(), 1);
  dims.insert(dims.begin(), rank - dims.size(), 1);
  return dims;
}

// Strides of an operand that is broadcast to the result, absent ones as of a number.
std::optional<Dims> addend_strides(const Operator& op, std::size_t input, const Dims& y) {
  if (!op.has_input(input)) return Dims(y.size(), 0);
  return broadcast_strides(op.inputs[input].dims, y);
}

std::optional<Product> product_of(const Operator& op) {
  const std::size_t rank =
      std::max<std::size_t>({op.inputs[0].dims.size(), op.inputs[1].dims.size(), 2});
  const Dims a = as_matrices(op.inputs[0].dims, true, rank);
  const Dims b = as_matrices(op.inputs[1].dims, false, rank);
  Dims y;
  for (std::size_t i = 0; i + 2 < rank; ++i)
    y.push_back(a[i] == 1 ? b[i] : a[i]);
  y.insert(y.end(), {a[rank - 2], b[rank - 1]});
  if (a[rank - 1] != b[rank - 2] || product(y) != product(op.outputs[0].dims)) return std::nullopt;
  Dims a_to = y;
  Dims b_to = y;
  a_to[rank - 1] = a[rank - 1];
  b_to[rank - 2] = b[rank - 2];
  const auto a_strides = broadcast_strides(a, a_to);
  const auto b_strides = broadcast_strides(b, b_to);
  const auto bias = addend_strides(op, kBias, y);
  const auto summand = addend_strides(op, kSummand, y);
  if (!a_strides || !b_strides || !bias || !summand) return std::nullopt;
  const Dims y_strides = strides_of(y);
  Product result;
  for (std::size_t i = 0; i < rank; ++i) {
    const bool is_row = i == rank - 2;
    const bool is_column = i == rank - 1;
    JointAxis axis{y[i],
                   {is_column ? 0 : (*a_strides)[i], is_row ? 0 : (*b_strides)[i], y_strides[i],
                    (*bias)[i], (*summand)[i]}};
    if (!is_column)
      result.batch.push_back(axis);  // and the rows, until join_rows()
    else
      result.columns = axis;
  }
  result.depth = {a[rank - 1], {(*a_strides)[rank - 1], (*b_strides)[rank - 2], 0, 0, 0}};
  return result;
}

// The rows, joined with what can be taken for rows as the right factor is the same.
void join_rows(Product& product) {
  product.rows = product.batch.back();
  product.batch = joined(product.batch);
  if (product.batch.empty() || product.batch.back().strides[kB] != 0) return;  // one row
  product.rows = product.batch.back();
  product.batch.pop_back();
}

MatrixStrides strides_for(const Product& product, Factor factor, const JointAxis& row,
                          const JointAxis& column) {
  const auto& batch = product.batch;
  const auto stride = [&](std::size_t from_end) {
    return batch.size() < from_end ? 0 : batch[batch.size() - from_end].strides[factor];
  };
  return {stride(2), stride(1), row.strides[factor], column.strides[factor]};
}

GemmMembersArgs args_of(const Operator& op, const Product& product) {
  const auto size = [&](std::size_t from_end) {
    const auto& batch = product.batch;
    return batch.size() < from_end ? 1 : to_int(batch[batch.size() - from_end].size);
  };
  GemmMembersArgs args;
  args.members = size(2);
  args.batches = size(1);
  args.rows = to_int(product.rows.size);
  args.columns = to_int(product.columns.size);
  args.depth = to_int(product.depth.size);
  args.a.strides = strides_for(product, kA, product.rows, product.depth);
  args.b.strides = strides_for(product, kB, product.depth, product.columns);
  args.y_strides = strides_for(product, kY, product.rows, product.columns);
  args.epilogue = epilogue_of(op);
  args.epilogue.bias.strides = strides_for(product, kBiasOperand, product.rows, product.columns);
  args.epilogue.residual.strides =
      strides_for(product, kSummandOperand, product.rows, product.columns);
  return args;
}

// By index of the axes that a launch cannot have: offsets in elements, by operand.
std::vector<Dims> outer_offsets(const Product& product) {
  std::vector<Dims> offsets = {Dims(kSummandOperand + 1, 0)};
  for (std::size_t axis = 0; axis + 2 < product.batch.size(); ++axis) {
    std::vector<Dims> longer;
    for (const Dims& offset : offsets) {
      for (std::int64_t i = 0; i < product.batch[axis].size; ++i) {
        Dims& next = longer.emplace_back(offset);
        for (std::size_t k = 0; k < next.size(); ++k)
          next[k] += i * product.batch[axis].strides[k];
      }
    }
    offsets = std::move(longer);
  }
  return offsets;
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_matmul(const Operator& op, const Target& target) {
  const auto element = common_element(op);
  auto product = element ? product_of(op) : std::nullopt;
  if (!product) return nullptr;
  join_rows(*product);
  constexpr std::size_t kMostLaunches = 64;
  const std::vector<Dims> offsets = outer_offsets(*product);
  if (offsets.size() > kMostLaunches) return nullptr;
  const GemmMembersArgs args = args_of(op, *product);
  const GemmTile tile = target.choice().tile_for(args, *element);
  const auto add = [=](const BoundKernel::Operands& at, LaunchList& list) {
    const auto place = [&](const std::byte* data, std::int64_t offset) {
      return data == nullptr ? nullptr : data + offset * element_bytes(*element);
    };
    const auto input = [&](std::size_t i) { return i < at.inputs.size() ? at.inputs[i] : nullptr; };
    for (const Dims& offset : offsets) {
      GemmMembersArgs own = args;
      own.a.data = place(input(0), offset[kA]);
      own.b.data = place(input(1), offset[kB]);
      own.y = at.outputs[0] + offset[kY] * element_bytes(*element);
      own.epilogue.bias.data = place(input(kBias), offset[kBiasOperand]);
      own.epilogue.residual.data = place(input(kSummand), offset[kSummandOperand]);
      list.add(launch_gemm_members(own, *element, tile), own);
    }
  };
  return make_launch_kernel({add}, op.inputs.size(), op.outputs.size());
}

}  // namespace braid::cuda
