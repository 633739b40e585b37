#include "kernels/cuda/columns.cuh"

namespace braid::cuda {

#define BRAID_COLUMNS(X)                            \
  X(gather_columns_4, GatherColumns<std::uint32_t>) \
  X(gather_columns_2, GatherColumns<std::uint16_t>) \
  X(sum_columns_f32, SumColumns<float>)             \
  X(sum_columns_f16, SumColumns<__half>)            \
  X(sum_columns_bf16, SumColumns<__nv_bfloat16>)

BRAID_KERNELS(columns, BRAID_COLUMNS)

}  // namespace braid::cuda
