// A CUDA driver for tests: the functions that Braid calls, over the emulator of the kernels. It
// does what the real one says it does, so that the code which calls that runs where there is no
// GPU; and it fails where the real one would: memory that it does not know, work in a stream that
// captures from memory that is not pinned, captures that are not joined, kernels of unknown names.
// Work is done when somebody waits, in any order that streams and events allow.

#include <array>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "backends/cuda/driver/driver_api.hpp"
#include "kernels/cuda/emulator/emulator.hpp"
#include "kernels/cuda/emulator/work_queue.hpp"
#include "tests/fake_driver/fake_stream.hpp"

namespace braid::driver {
namespace {

constexpr Result kInvalidValue = 1;
constexpr Result kNotFound = 500;
constexpr Result kCaptureUnsupported = 900;
constexpr std::size_t kMemory = std::size_t{2} << 30;

namespace emulator = cuda::emulator;

// What is allocated, by address.
class Heap {
 public:
  std::byte* allocate(std::size_t bytes) {
    if (bytes > kMemory - used_) return nullptr;
    auto block = std::make_unique<std::byte[]>(bytes + kAlignment);
    const auto address = reinterpret_cast<std::uintptr_t>(block.get());
    auto* const start = block.get() + (kAlignment - address % kAlignment) % kAlignment;
    std::memset(start, 0xFF, bytes);
    used_ += bytes;
    blocks_[start] = {std::move(block), bytes};
    return start;
  }

  bool free(const void* at) {
    const auto found = blocks_.find(static_cast<const std::byte*>(at));
    if (found == blocks_.end()) return false;
    used_ -= found->second.bytes;
    blocks_.erase(found);
    return true;
  }

  bool holds(const void* at, std::size_t bytes) const {
    const auto* const address = static_cast<const std::byte*>(at);
    auto found = blocks_.upper_bound(address);
    if (found == blocks_.begin()) return false;
    --found;
    return address + bytes <= found->first + found->second.bytes;
  }

 private:
  static constexpr std::size_t kAlignment = 256;
  struct Block {
    std::unique_ptr<std::byte[]> memory;
    std::size_t bytes = 0;
  };
  std::map<const std::byte*, Block> blocks_;
  std::size_t used_ = 0;
};

Heap& device_heap() {
  static Heap heap;
  return heap;
}

Heap& pinned_heap() {
  static Heap heap;
  return heap;
}

}  // namespace

struct StreamHandle {
  emulator::WorkStream stream;
};
struct EventHandle {
  emulator::WorkPoint point;
  std::shared_ptr<std::uint64_t> nanoseconds = std::make_shared<std::uint64_t>(0);
};
struct GraphHandle {
  emulator::WorkGraph graph;
};
struct ExecutableGraphHandle {
  emulator::WorkGraph graph;
};

namespace {

// Of the device: ten microseconds for each thread of each launch.
std::uint64_t& device_clock() {
  static std::uint64_t nanoseconds = 0;
  return nanoseconds;
}

emulator::WorkQueue& queue() {
  static emulator::WorkQueue only(emulator::WorkOrder::Shuffled);
  return only;
}

// Null is the default stream.
emulator::WorkStream& stream_of(Stream stream) {
  static StreamHandle default_stream;
  return (stream == nullptr ? &default_stream : stream)->stream;
}

template <class Function>
Result answer(const Function& function) {
  try {
    function();
    return kSuccess;
  } catch (const emulator::StreamMisuse&) {
    return kCaptureUnsupported;
  }
}

Result add(Stream stream, std::function<void()> piece) {
  queue().add(stream_of(stream), std::move(piece));
  return kSuccess;
}

Result finish(Stream stream) {
  return answer([&] { queue().finish(stream_of(stream).now); });
}

void* pointer_of(DevicePointer pointer) {
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(pointer));
}

// Memory of the host that is not pinned is copied at once, which a capture cannot hold.
Result copy(Stream stream, void* to, const void* from, const void* host, std::size_t bytes) {
  const auto piece = [=] { std::memcpy(to, from, bytes); };
  if (pinned_heap().holds(host, bytes)) return add(stream, piece);
  const Result result = finish(stream);
  if (result == kSuccess) piece();
  return result;
}

const cuda::Kernel* kernel_of(Function function) {
  return reinterpret_cast<const cuda::Kernel*>(function);
}

}  // namespace

Result add_work(Stream stream, std::function<void()> piece) {
  return add(stream, std::move(piece));
}

}  // namespace braid::driver

using namespace braid::driver;  // NOLINT(google-build-using-namespace): of C functions alone

extern "C" {

Result cuInit(unsigned) {
  return kSuccess;
}

Result cuDriverGetVersion(int* version) {
  *version = 12000;
  return kSuccess;
}

Result cuGetErrorString(Result result, const char** text) {
  *text = result == kCaptureUnsupported ? "operation not permitted when stream is capturing"
                                        : "fake driver: invalid";
  return kSuccess;
}

Result cuDeviceGetCount(int* count) {
  *count = 1;
  return kSuccess;
}

Result cuDeviceGet(DeviceNumber* device, int ordinal) {
  *device = ordinal;
  return kSuccess;
}

Result cuDeviceGetName(char* name, int length, DeviceNumber) {
  std::strncpy(name, "fake device", static_cast<std::size_t>(length));
  return kSuccess;
}

Result cuDeviceGetAttribute(int* value, int attribute, DeviceNumber) {
  static const std::map<int, int> values = {{kProcessorCount, 4},        {kArchitectureMajor, 6},
                                            {kArchitectureMinor, 1},     {kClockRate, 1500000},
                                            {kMemoryClockRate, 5000000}, {kMemoryBusWidth, 384},
                                            {kCacheBytes, 4096}};
  const auto found = values.find(attribute);
  *value = found == values.end() ? 0 : found->second;
  return found == values.end() ? kInvalidValue : kSuccess;
}

Result cuDeviceTotalMem_v2(std::size_t* bytes, DeviceNumber) {
  *bytes = kMemory;
  return kSuccess;
}

Result cuDevicePrimaryCtxRetain(Context* context, DeviceNumber) {
  static char only;
  *context = reinterpret_cast<Context>(&only);
  return kSuccess;
}

Result cuCtxSetCurrent(Context) {
  return kSuccess;
}

Result cuModuleLoadData(Module* module, const void* image) {
  *module = static_cast<Module>(const_cast<void*>(image));
  return kSuccess;
}

Result cuModuleGetFunction(Function* function, Module, const char* name) {
  const auto* const kernel = braid::cuda::find_kernel(name);
  *function = reinterpret_cast<Function>(const_cast<braid::cuda::Kernel*>(kernel));
  return kernel == nullptr ? kNotFound : kSuccess;
}

Result cuMemAlloc_v2(DevicePointer* pointer, std::size_t bytes) {
  std::byte* const memory = device_heap().allocate(bytes);
  *pointer = reinterpret_cast<std::uintptr_t>(memory);
  return memory == nullptr ? kOutOfMemory : kSuccess;
}

Result cuMemFree_v2(DevicePointer pointer) {
  return device_heap().free(pointer_of(pointer)) ? kSuccess : kInvalidValue;
}

Result cuMemHostAlloc(void** pointer, std::size_t bytes, unsigned) {
  *pointer = pinned_heap().allocate(bytes);
  return *pointer == nullptr ? kOutOfMemory : kSuccess;
}

Result cuMemFreeHost(void* pointer) {
  return pinned_heap().free(pointer) ? kSuccess : kInvalidValue;
}

Result cuMemcpyHtoDAsync_v2(DevicePointer to, const void* from, std::size_t bytes, Stream stream) {
  if (!device_heap().holds(pointer_of(to), bytes)) return kInvalidValue;
  return copy(stream, pointer_of(to), from, from, bytes);
}

Result cuMemcpyDtoHAsync_v2(void* to, DevicePointer from, std::size_t bytes, Stream stream) {
  if (!device_heap().holds(pointer_of(from), bytes)) return kInvalidValue;
  return copy(stream, to, pointer_of(from), to, bytes);
}

Result cuMemsetD8Async(DevicePointer at, unsigned char byte, std::size_t bytes, Stream stream) {
  if (!device_heap().holds(pointer_of(at), bytes)) return kInvalidValue;
  return add(stream, [=] { std::memset(pointer_of(at), byte, bytes); });
}

Result cuMemcpyDtoDAsync_v2(DevicePointer to, DevicePointer from, std::size_t bytes,
                            Stream stream) {
  if (!device_heap().holds(pointer_of(to), bytes)) return kInvalidValue;
  if (!device_heap().holds(pointer_of(from), bytes)) return kInvalidValue;
  return add(stream, [=] { std::memcpy(pointer_of(to), pointer_of(from), bytes); });
}

Result cuPointerGetAttribute(void* value, int attribute, DevicePointer pointer) {
  const void* const at = pointer_of(pointer);
  if (!device_heap().holds(at, 1) && !pinned_heap().holds(at, 1)) return kInvalidValue;
  const unsigned type = device_heap().holds(at, 1) ? kDeviceMemory : 1;
  *static_cast<unsigned*>(value) = attribute == kMemoryType ? type : 0;
  return kSuccess;
}

Result cuStreamCreate(Stream* stream, unsigned) {
  *stream = new StreamHandle;
  return kSuccess;
}

Result cuStreamDestroy_v2(Stream stream) {
  const Result result = finish(stream);
  delete stream;
  return result;
}

Result cuStreamSynchronize(Stream stream) {
  return finish(stream);
}

Result cuStreamWaitEvent(Stream stream, Event event, unsigned) {
  return answer([&] { queue().wait_for(stream_of(stream), event->point); });
}

Result cuEventCreate(Event* event, unsigned) {
  *event = new EventHandle;
  return kSuccess;
}

Result cuEventDestroy_v2(Event event) {
  delete event;
  return kSuccess;
}

Result cuEventRecord(Event event, Stream stream) {
  emulator::WorkStream& own = stream_of(stream);
  if (!own.now.capture) {
    event->nanoseconds = std::make_shared<std::uint64_t>(0);
    add(stream, [time = event->nanoseconds] { *time = device_clock(); });
  }
  event->point = own.now;
  return kSuccess;
}

Result cuEventSynchronize(Event event) {
  return answer([&] { queue().finish(event->point); });
}

Result cuEventElapsedTime(float* milliseconds, Event start, Event end) {
  *milliseconds = static_cast<float>(*end->nanoseconds - *start->nanoseconds) * 1e-6F;
  return kSuccess;
}

Result cuStreamBeginCapture_v2(Stream stream, int) {
  return answer([&] { queue().begin_capture(stream_of(stream)); });
}

Result cuStreamEndCapture(Stream stream, Graph* graph) {
  return answer([&] { *graph = new GraphHandle{queue().end_capture(stream_of(stream))}; });
}

Result cuGraphInstantiateWithFlags(ExecutableGraph* executable, Graph graph, unsigned long long) {
  *executable = new ExecutableGraphHandle{graph->graph};
  return kSuccess;
}

Result cuGraphDestroy(Graph graph) {
  delete graph;
  return kSuccess;
}

Result cuGraphExecDestroy(ExecutableGraph graph) {
  delete graph;
  return kSuccess;
}

Result cuGraphLaunch(ExecutableGraph graph, Stream stream) {
  return answer([&] { queue().replay(stream_of(stream), graph->graph); });
}

Result cuLaunchKernel(Function function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                      unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                      Stream stream, void** parameters, void**) {
  const braid::cuda::Kernel* const kernel = kernel_of(function);
  const auto* const args = static_cast<const std::byte*>(parameters[0]);
  const braid::cuda::Launch launch{
      kernel->name, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared_bytes};
  return add(stream, [launch, copy = std::vector(args, args + kernel->argument_bytes)] {
    device_clock() += 10000 * std::uint64_t{launch.grid.x} * launch.grid.y * launch.grid.z *
                      launch.block.x * launch.block.y * launch.block.z;
    braid::cuda::emulator::launch(launch, copy.data());
  });
}

}  // extern "C"
