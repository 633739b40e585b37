// MatMul and ai.braid.MatMul (a, b, bias, summand): one launch for all matrices of a batch, each
// with an epilogue. A batch of more than two axes, after those that lie alike are joined, takes a
// launch for each index of the outer ones.

#include "backends/cuda/batched_product.hpp"

namespace braid::cuda {

std::unique_ptr<const BoundKernel> bind_matmul(const Operator& op, const Target& target) {
  const auto product = matmul_product(op);
  return product ? bind_product(op, *product, target) : nullptr;
}

}  // namespace braid::cuda
