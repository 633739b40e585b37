// Older architectures have no tensor cores, and no header for them.
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 700
#include "kernels/cuda/attention_members_tensor.cuh"

namespace braid::cuda {

template <class T, class Factor, int kArchitecture, class Shape>
using TensorAttention = OnTensorCores<AttentionMembersArgs, Shape, kArchitecture,
                                      AttentionMembersTensor<T, Factor, Shape>>;

#define BRAID_TENSOR_ATTENTION(X)                                                               \
  X(attention_members_tensor_64_tf32,                                                           \
    TensorAttention<float, TensorFloat32, 800, TensorAttention64>)                              \
  X(attention_members_tensor_128_tf32,                                                          \
    TensorAttention<float, TensorFloat32, 800, TensorAttention128OfFloats>)                     \
  X(attention_members_tensor_64_f16, TensorAttention<__half, __half, 700, TensorAttention64>)   \
  X(attention_members_tensor_128_f16, TensorAttention<__half, __half, 700, TensorAttention128>) \
  X(attention_members_tensor_64_bf16,                                                           \
    TensorAttention<__nv_bfloat16, __nv_bfloat16, 800, TensorAttention64>)                      \
  X(attention_members_tensor_128_bf16,                                                          \
    TensorAttention<__nv_bfloat16, __nv_bfloat16, 800, TensorAttention128>)

BRAID_KERNELS(attention_members_tensor, BRAID_TENSOR_ATTENTION)

}  // namespace braid::cuda

#endif
