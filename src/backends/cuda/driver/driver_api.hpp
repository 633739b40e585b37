#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

/// The few functions of the CUDA driver that Braid calls, found when the program runs: it starts on
/// hosts without a driver, and is built without a toolkit. Declared here as cuda.h has them, of
/// CUDA 12 and newer (check_api.cpp compares).
namespace braid::driver {

using Result = int;  // CUresult
using DeviceNumber = int;
using DevicePointer = unsigned long long;
struct ContextHandle;
struct ModuleHandle;
struct FunctionHandle;
struct StreamHandle;
struct EventHandle;
struct GraphHandle;
struct ExecutableGraphHandle;
using Context = ContextHandle*;
using Module = ModuleHandle*;
using Function = FunctionHandle*;
using Stream = StreamHandle*;
using Event = EventHandle*;
using Graph = GraphHandle*;
using ExecutableGraph = ExecutableGraphHandle*;

inline constexpr Result kSuccess = 0;
inline constexpr Result kOutOfMemory = 2;
inline constexpr int kClockRate = 13;  // CUdevice_attribute, in kHz
inline constexpr int kProcessorCount = 16;
inline constexpr int kMemoryClockRate = 36;  // in kHz
inline constexpr int kMemoryBusWidth = 37;   // in bits
inline constexpr int kCacheBytes = 38;
inline constexpr int kArchitectureMajor = 75;
inline constexpr int kArchitectureMinor = 76;
inline constexpr unsigned kNonBlocking = 1;    // CUstream_flags
inline constexpr unsigned kDefaultEvent = 0;   // CUevent_flags
inline constexpr int kCaptureThreadLocal = 1;  // CUstreamCaptureMode
inline constexpr int kMemoryType = 2;          // CUpointer_attribute
inline constexpr int kDeviceOrdinal = 9;
inline constexpr unsigned kDeviceMemory = 2;  // CUmemorytype

// X(name in the library, member, arguments)
#define BRAID_DRIVER_FUNCTIONS(X)                                                                  \
  X(cuInit, init, (unsigned flags))                                                                \
  X(cuDriverGetVersion, version, (int* version))                                                   \
  X(cuGetErrorString, error_string, (Result result, const char** text))                            \
  X(cuDeviceGetCount, device_count, (int* count))                                                  \
  X(cuDeviceGet, device, (DeviceNumber * device, int ordinal))                                     \
  X(cuDeviceGetName, device_name, (char* name, int length, DeviceNumber device))                   \
  X(cuDeviceGetAttribute, device_attribute, (int* value, int attribute, DeviceNumber device))      \
  X(cuDeviceTotalMem_v2, total_memory, (std::size_t * bytes, DeviceNumber device))                 \
  X(cuDevicePrimaryCtxRetain, retain_context, (Context * context, DeviceNumber device))            \
  X(cuCtxSetCurrent, set_context, (Context context))                                               \
  X(cuModuleLoadData, load_module, (Module * module, const void* image))                           \
  X(cuModuleGetFunction, function, (Function * function, Module module, const char* name))         \
  X(cuMemAlloc_v2, allocate, (DevicePointer * pointer, std::size_t bytes))                         \
  X(cuMemFree_v2, free, (DevicePointer pointer))                                                   \
  X(cuMemHostAlloc, allocate_pinned, (void** pointer, std::size_t bytes, unsigned flags))          \
  X(cuMemFreeHost, free_pinned, (void* pointer))                                                   \
  X(cuMemcpyHtoDAsync_v2, upload,                                                                  \
    (DevicePointer to, const void* from, std::size_t bytes, Stream stream))                        \
  X(cuMemcpyDtoHAsync_v2, download,                                                                \
    (void* to, DevicePointer from, std::size_t bytes, Stream stream))                              \
  X(cuMemcpyDtoDAsync_v2, copy,                                                                    \
    (DevicePointer to, DevicePointer from, std::size_t bytes, Stream stream))                      \
  X(cuPointerGetAttribute, pointer_attribute, (void* value, int attribute, DevicePointer pointer)) \
  X(cuMemsetD8Async, fill,                                                                         \
    (DevicePointer at, unsigned char byte, std::size_t bytes, Stream stream))                      \
  X(cuStreamCreate, create_stream, (Stream * stream, unsigned flags))                              \
  X(cuStreamDestroy_v2, destroy_stream, (Stream stream))                                           \
  X(cuStreamSynchronize, synchronize, (Stream stream))                                             \
  X(cuStreamWaitEvent, wait_for, (Stream stream, Event event, unsigned flags))                     \
  X(cuEventCreate, create_event, (Event * event, unsigned flags))                                  \
  X(cuEventDestroy_v2, destroy_event, (Event event))                                               \
  X(cuEventRecord, record_event, (Event event, Stream stream))                                     \
  X(cuEventSynchronize, await, (Event event))                                                      \
  X(cuEventElapsedTime, elapsed_time, (float* milliseconds, Event start, Event end))               \
  X(cuStreamBeginCapture_v2, begin_capture, (Stream stream, int mode))                             \
  X(cuStreamEndCapture, end_capture, (Stream stream, Graph * graph))                               \
  X(cuGraphInstantiateWithFlags, instantiate,                                                      \
    (ExecutableGraph * executable, Graph graph, unsigned long long flags))                         \
  X(cuGraphDestroy, destroy_graph, (Graph graph))                                                  \
  X(cuGraphExecDestroy, destroy_executable, (ExecutableGraph graph))                               \
  X(cuGraphLaunch, launch_graph, (ExecutableGraph graph, Stream stream))                           \
  X(cuLaunchKernel, launch,                                                                        \
    (Function function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,       \
     unsigned block_y, unsigned block_z, unsigned shared_bytes, Stream stream, void** parameters,  \
     void** extra))

struct Api {
// NOLINTNEXTLINE(bugprone-macro-parentheses): a declaration
#define BRAID_DRIVER_MEMBER(name, member, arguments) Result(*member) arguments = nullptr;
  BRAID_DRIVER_FUNCTIONS(BRAID_DRIVER_MEMBER)
#undef BRAID_DRIVER_MEMBER
};

/// The library's file name.
inline constexpr const char* kLibrary = "libcuda.so.1";

/// Loads the driver, once. Throws Error (Device) that says what is missing.
const Api& api();

/// Throws Error (Device) with the driver's words if `result` is no success.
void check(Result result, const char* doing);

}  // namespace braid::driver
