// Compares what cublas_lt_api.hpp declares with a CUDA toolkit; compiled where there is one, and
// never called.

#include <cublasLt.h>

#include <algorithm>
#include <array>

#include "backends/cuda/driver/cublas_lt_api.hpp"

namespace braid::cublas_lt {
namespace {

// Handles and enumerations have other names, but the same sizes. Pointers are meant to be measured.
template <class Result, class... Arguments>
constexpr std::array<std::size_t, sizeof...(Arguments) + 1> sizes_of(Result (*)(Arguments...)) {
  return {sizeof(Result), sizeof(Arguments)...};  // NOLINT(bugprone-sizeof-expression)
}

template <class A, class B>
constexpr bool are_alike(A a, B b) {
  const auto left = sizes_of(a);
  const auto right = sizes_of(b);
  return std::equal(left.begin(), left.end(), right.begin(), right.end());
}

#define BRAID_CUBLAS_LT_CHECK(name, member, result, arguments) \
  static_assert(are_alike(decltype (&::name)(nullptr), decltype(Api::member)(nullptr)));
BRAID_CUBLAS_LT_FUNCTIONS(BRAID_CUBLAS_LT_CHECK)
#undef BRAID_CUBLAS_LT_CHECK

static_assert(sizeof(Algorithm) == sizeof(cublasLtMatmulAlgo_t));
static_assert(sizeof(HeuristicResult) == sizeof(cublasLtMatmulHeuristicResult_t));
static_assert(offsetof(HeuristicResult, workspace_bytes) ==
              offsetof(cublasLtMatmulHeuristicResult_t, workspaceSize));
static_assert(offsetof(HeuristicResult, state) == offsetof(cublasLtMatmulHeuristicResult_t, state));
static_assert(CUBLAS_STATUS_SUCCESS == kSuccess);
static_assert(CUDA_R_32F == kFloat && CUDA_R_16F == kHalf && CUDA_R_16BF == kBFloat16);
static_assert(CUBLAS_COMPUTE_32F == kComputeFloat);
static_assert(CUBLAS_COMPUTE_32F_FAST_TF32 == kComputeTensorFloat32);
static_assert(CUBLAS_OP_T == kTransposed);
static_assert(CUBLASLT_MATMUL_DESC_TRANSA == kTransposeA);
static_assert(CUBLASLT_MATMUL_DESC_TRANSB == kTransposeB);
static_assert(CUBLASLT_MATMUL_DESC_EPILOGUE == kEpilogue);
static_assert(CUBLASLT_MATMUL_DESC_BIAS_POINTER == kBiasPointer);
static_assert(CUBLASLT_MATMUL_DESC_BIAS_BATCH_STRIDE == kBiasBatchStride);
static_assert(CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT == kBatchCount);
static_assert(CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET == kBatchStride);
static_assert(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES == kMostWorkspace);
static_assert(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES == kAlignmentA);
static_assert(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES == kAlignmentA + 3);
static_assert(CUBLASLT_EPILOGUE_DEFAULT == kPlainEpilogue && CUBLASLT_EPILOGUE_RELU == kRelu);
static_assert(CUBLASLT_EPILOGUE_BIAS == kBias && CUBLASLT_EPILOGUE_RELU_BIAS == (kRelu | kBias));

}  // namespace
}  // namespace braid::cublas_lt
