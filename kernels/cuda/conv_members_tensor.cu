// Older architectures have no tensor cores, and no header for them.
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 700
#include "kernels/cuda/conv_members.cuh"
#include "kernels/cuda/tensor_product.cuh"

namespace braid::cuda {

template <class T, class Factor, int kArchitecture, class Shape>
using Tensor = OnTensorCores<ConvMembersArgs, Shape, kArchitecture,
                             ConvMembers<T, TensorProduct<Factor, Shape>>>;

#define BRAID_TENSOR_OF(X, suffix, architecture, T, Factor, depth)                               \
  X(conv_members_tensor_large_##suffix, Tensor<T, Factor, architecture, TensorLargeTile<depth>>) \
  X(conv_members_tensor_medium_##suffix, Tensor<T, Factor, architecture, TensorMediumTile<depth>>)
#define BRAID_TENSOR_KERNELS(X)                           \
  BRAID_TENSOR_OF(X, tf32, 800, float, TensorFloat32, 16) \
  BRAID_TENSOR_OF(X, f16, 700, __half, __half, 32)        \
  BRAID_TENSOR_OF(X, bf16, 800, __nv_bfloat16, __nv_bfloat16, 32)

BRAID_KERNELS(conv_members_tensor, BRAID_TENSOR_KERNELS)

}  // namespace braid::cuda

#endif
