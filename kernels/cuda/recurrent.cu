#include "kernels/cuda/recurrent.cuh"

namespace braid::cuda {

#define BRAID_CELLS_OF(X, suffix, T) \
  X(lstm_cell_##suffix, LstmCell<T>) \
  X(gru_cell_##suffix, GruCell<T>)   \
  X(gru_reset_##suffix, GruReset<T>) \
  X(gru_update_##suffix, GruUpdate<T>)
#define BRAID_CELLS(X)           \
  BRAID_CELLS_OF(X, f32, float)  \
  BRAID_CELLS_OF(X, f16, __half) \
  BRAID_CELLS_OF(X, bf16, __nv_bfloat16)

BRAID_KERNELS(recurrent, BRAID_CELLS)

}  // namespace braid::cuda
