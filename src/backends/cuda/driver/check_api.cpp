// Compares the functions that driver_api.hpp declares with those of a CUDA toolkit; compiled where
// there is one, and never called.

#include <cuda.h>

#include <algorithm>
#include <array>

#include "backends/cuda/driver/driver_api.hpp"

namespace braid::driver {
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

#define BRAID_DRIVER_CHECK(name, member, arguments) \
  static_assert(are_alike(decltype (&::name)(nullptr), decltype(Api::member)(nullptr)));
BRAID_DRIVER_FUNCTIONS(BRAID_DRIVER_CHECK)
#undef BRAID_DRIVER_CHECK

static_assert(CUDA_SUCCESS == kSuccess && CUDA_ERROR_OUT_OF_MEMORY == kOutOfMemory);
static_assert(CU_DEVICE_ATTRIBUTE_CLOCK_RATE == kClockRate);
static_assert(CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE == kMemoryClockRate);
static_assert(CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH == kMemoryBusWidth);
static_assert(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE == kCacheBytes);
static_assert(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT == kProcessorCount);
static_assert(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR == kArchitectureMajor);
static_assert(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR == kArchitectureMinor);
static_assert(CU_EVENT_DEFAULT == kDefaultEvent);
static_assert(CU_STREAM_NON_BLOCKING == kNonBlocking);
static_assert(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL == kCaptureThreadLocal);
static_assert(CU_POINTER_ATTRIBUTE_MEMORY_TYPE == kMemoryType);
static_assert(CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL == kDeviceOrdinal);
static_assert(CU_MEMORYTYPE_DEVICE == kDeviceMemory);

}  // namespace
}  // namespace braid::driver
