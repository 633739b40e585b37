#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

/// The functions of cuBLASLt that Braid calls, found at run time. Declared here as cublasLt.h has
/// them, of CUDA 12 and 13 (check_cublas_lt_api.cpp compares).
namespace braid::cublas_lt {

using Status = int;  // cublasStatus_t
struct HandleData;
struct DescriptionData;
struct LayoutData;
struct PreferenceData;
using Handle = HandleData*;
using Description = DescriptionData*;
using Layout = LayoutData*;
using Preference = PreferenceData*;

struct Algorithm {
  std::uint64_t data[8];
};
struct HeuristicResult {
  Algorithm algorithm;
  std::size_t workspace_bytes;
  Status state;
  float waves;
  int reserved[4];
};

inline constexpr Status kSuccess = 0;
inline constexpr int kFloat = 0;  // cudaDataType
inline constexpr int kHalf = 2;
inline constexpr int kBFloat16 = 14;
inline constexpr int kComputeFloat = 68;  // cublasComputeType_t
inline constexpr int kComputeTensorFloat32 = 77;
inline constexpr std::int32_t kTransposed = 1;  // cublasOperation_t
inline constexpr int kTransposeA = 3;           // cublasLtMatmulDescAttributes_t
inline constexpr int kTransposeB = 4;
inline constexpr int kEpilogue = 7;
inline constexpr int kBiasPointer = 8;
inline constexpr int kBiasBatchStride = 10;
inline constexpr int kBatchCount = 5;  // cublasLtMatrixLayoutAttribute_t
inline constexpr int kBatchStride = 6;
inline constexpr int kMostWorkspace = 1;            // cublasLtMatmulPreferenceAttributes_t
inline constexpr int kAlignmentA = 5;               // and those of B, C and D after it
inline constexpr std::uint32_t kPlainEpilogue = 1;  // cublasLtEpilogue_t
inline constexpr std::uint32_t kRelu = 2;
inline constexpr std::uint32_t kBias = 4;

// X(name in the library, member, result, arguments)
#define BRAID_CUBLAS_LT_FUNCTIONS(X)                                                            \
  X(cublasLtGetVersion, version, std::size_t, ())                                               \
  X(cublasLtCreate, create, Status, (Handle * handle))                                          \
  X(cublasLtMatmulDescCreate, create_description, Status,                                       \
    (Description * description, int compute_type, int scale_type))                              \
  X(cublasLtMatmulDescDestroy, destroy_description, Status, (Description description))          \
  X(cublasLtMatmulDescSetAttribute, set_description, Status,                                    \
    (Description description, int attribute, const void* value, std::size_t bytes))             \
  X(cublasLtMatrixLayoutCreate, create_layout, Status,                                          \
    (Layout * layout, int type, std::uint64_t rows, std::uint64_t columns, std::int64_t pitch)) \
  X(cublasLtMatrixLayoutDestroy, destroy_layout, Status, (Layout layout))                       \
  X(cublasLtMatrixLayoutSetAttribute, set_layout, Status,                                       \
    (Layout layout, int attribute, const void* value, std::size_t bytes))                       \
  X(cublasLtMatmulPreferenceCreate, create_preference, Status, (Preference * preference))       \
  X(cublasLtMatmulPreferenceDestroy, destroy_preference, Status, (Preference preference))       \
  X(cublasLtMatmulPreferenceSetAttribute, set_preference, Status,                               \
    (Preference preference, int attribute, const void* value, std::size_t bytes))               \
  X(cublasLtMatmulAlgoGetHeuristic, find_algorithms, Status,                                    \
    (Handle handle, Description description, Layout a, Layout b, Layout c, Layout d,            \
     Preference preference, int most, HeuristicResult results[], int* found))                   \
  X(cublasLtMatmul, multiply, Status,                                                           \
    (Handle handle, Description description, const void* alpha, const void* a, Layout a_layout, \
     const void* b, Layout b_layout, const void* beta, const void* c, Layout c_layout, void* d, \
     Layout d_layout, const Algorithm* algorithm, void* workspace, std::size_t workspace_bytes, \
     void* stream))

struct Api {
// NOLINTNEXTLINE(bugprone-macro-parentheses): a declaration
#define BRAID_CUBLAS_LT_MEMBER(name, member, result, arguments) result(*member) arguments = nullptr;
  BRAID_CUBLAS_LT_FUNCTIONS(BRAID_CUBLAS_LT_MEMBER)
#undef BRAID_CUBLAS_LT_MEMBER
};

/// What was found, or where it was looked for and why in vain.
struct Library {
  std::optional<Api> api;
  std::string detail;  ///< "libcublasLt.so.13, 13.1.0"
};

/// Loads the library, once.
const Library& library();

}  // namespace braid::cublas_lt
