#include <algorithm>

#include "backends/cuda/batched_product.hpp"
#include "backends/cuda/epilogue.hpp"
#include "backends/operands.hpp"

namespace braid::cuda {
namespace {

using Dims = std::vector<std::int64_t>;

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

std::optional<BatchedProduct> product_of(const Operator& op) {
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
  BatchedProduct result;
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

// The rows, joined with what can be taken for rows as the right factor is the same: where one
// matrix on the right serves several on the left, these are one.
void join_rows(BatchedProduct& product) {
  product.rows = product.batch.back();
  product.batch = joined(product.batch);
  if (product.batch.empty() || product.batch.back().strides[kB] != 0) return;  // one row
  product.rows = product.batch.back();
  product.batch.pop_back();
}

}  // namespace

std::optional<BatchedProduct> matmul_product(const Operator& op) {
  auto product = common_element(op) ? product_of(op) : std::nullopt;
  if (product) join_rows(*product);
  return product;
}

}  // namespace braid::cuda
