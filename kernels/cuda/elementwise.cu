#include "kernels/cuda/elementwise.cuh"

namespace braid::cuda {

#define BRAID_CHAINS(X)                  \
  X(chain_float_x4, Chain<float, 4>)     \
  X(chain_float_x1, Chain<float, 1>)     \
  X(chain_integer_x4, Chain<Integer, 4>) \
  X(chain_integer_x1, Chain<Integer, 1>)

BRAID_KERNELS(elementwise, BRAID_CHAINS)

}  // namespace braid::cuda
