#include "kernels/cuda/scan.cuh"

namespace braid::cuda {

#define BRAID_SCAN_OF(X, suffix, ...)              \
  X(scan_thread_##suffix, ScanThread<__VA_ARGS__>) \
  X(scan_warp_##suffix, ScanWarp<__VA_ARGS__>)
#define BRAID_SCANS(X)                         \
  BRAID_SCAN_OF(X, f32, float, float)          \
  BRAID_SCAN_OF(X, f16, __half, float)         \
  BRAID_SCAN_OF(X, bf16, __nv_bfloat16, float) \
  BRAID_SCAN_OF(X, i32, std::int32_t, Integer) \
  BRAID_SCAN_OF(X, i64, std::int64_t, Integer)

BRAID_KERNELS(scan, BRAID_SCANS)

}  // namespace braid::cuda
