// Older architectures have no tensor cores, and no header for them.
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 700
#include "kernels/cuda/split_product.cuh"
#include "kernels/cuda/tensor_product.cuh"

namespace braid::cuda {

template <class T, class Factor, int kArchitecture, class Shape>
using TensorGemm =
    OnTensorCores<SplitGemmArgs, Shape, kArchitecture, SplitGemm<T, TensorProduct<Factor, Shape>>>;
template <class T, class Factor, int kArchitecture, class Shape>
using TensorConv =
    OnTensorCores<SplitConvArgs, Shape, kArchitecture, SplitConv<T, TensorProduct<Factor, Shape>>>;

#define BRAID_TENSOR_OF(X, suffix, architecture, T, Factor, depth)                                 \
  X(split_gemm_tensor_large_##suffix, TensorGemm<T, Factor, architecture, TensorLargeTile<depth>>) \
  X(split_gemm_tensor_medium_##suffix,                                                             \
    TensorGemm<T, Factor, architecture, TensorMediumTile<depth>>)                                  \
  X(split_conv_tensor_large_##suffix, TensorConv<T, Factor, architecture, TensorLargeTile<depth>>) \
  X(split_conv_tensor_medium_##suffix, TensorConv<T, Factor, architecture, TensorMediumTile<depth>>)
#define BRAID_TENSOR_KERNELS(X)                           \
  BRAID_TENSOR_OF(X, tf32, 800, float, TensorFloat32, 16) \
  BRAID_TENSOR_OF(X, f16, 700, __half, __half, 32)        \
  BRAID_TENSOR_OF(X, bf16, 800, __nv_bfloat16, __nv_bfloat16, 32)

BRAID_KERNELS(split_product_tensor, BRAID_TENSOR_KERNELS)

}  // namespace braid::cuda

#endif
