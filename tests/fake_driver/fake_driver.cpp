// A CUDA driver for tests: the functions that Braid calls, over the emulator of the kernels. It
// does what the real one says it does, so that the code which calls that runs where there is no
// GPU; and it fails where the real one would: memory that it does not know, work in a stream that
// captures from memory that is not pinned, kernels of unknown names.

#include <array>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "backends/cuda/driver/driver_api.hpp"
#include "kernels/cuda/emulator/emulator.hpp"
#include "tests/fake_driver/fake_stream.hpp"

namespace braid::driver {
namespace {

constexpr Result kInvalidValue = 1;
constexpr Result kNotFound = 500;
constexpr Result kCaptureUnsupported = 900;
constexpr std::size_t kMemory = std::size_t{2} << 30;

using Work = std::vector<std::function<void()>>;

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
  Work waiting;
  Work captured;
  bool is_capturing = false;

  Result add(std::function<void()> piece) {
    (is_capturing ? captured : waiting).push_back(std::move(piece));
    return kSuccess;
  }
};
struct GraphHandle {
  Work work;
};
struct ExecutableGraphHandle {
  Work work;
};

Result add_work(Stream stream, std::function<void()> piece) {
  return stream->add(std::move(piece));
}

struct EventHandle {
  std::uint64_t nanoseconds = 0;
};

namespace {

// Of the device: ten microseconds for each thread of each launch.
std::uint64_t& device_clock() {
  static std::uint64_t nanoseconds = 0;
  return nanoseconds;
}

void* pointer_of(DevicePointer pointer) {
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(pointer));
}

// Memory of the host that is not pinned is copied at once, which a capture cannot hold.
Result copy(Stream stream, void* to, const void* from, const void* host, std::size_t bytes) {
  const auto piece = [=] { std::memcpy(to, from, bytes); };
  if (pinned_heap().holds(host, bytes)) return stream->add(piece);
  if (stream->is_capturing) return kCaptureUnsupported;
  for (const auto& earlier : std::exchange(stream->waiting, {}))
    earlier();
  piece();
  return kSuccess;
}

const cuda::Kernel* kernel_of(Function function) {
  return reinterpret_cast<const cuda::Kernel*>(function);
}

}  // namespace
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
  return stream->add([=] { std::memset(pointer_of(at), byte, bytes); });
}

Result cuStreamCreate(Stream* stream, unsigned) {
  *stream = new StreamHandle;
  return kSuccess;
}

Result cuStreamDestroy_v2(Stream stream) {
  delete stream;
  return kSuccess;
}

Result cuStreamSynchronize(Stream stream) {
  if (stream->is_capturing) return kCaptureUnsupported;
  for (const auto& piece : std::exchange(stream->waiting, {}))
    piece();
  return kSuccess;
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
  return stream->add([event] { event->nanoseconds = device_clock(); });
}

Result cuEventElapsedTime(float* milliseconds, Event start, Event end) {
  *milliseconds = static_cast<float>(end->nanoseconds - start->nanoseconds) * 1e-6F;
  return kSuccess;
}

Result cuStreamBeginCapture_v2(Stream stream, int) {
  stream->is_capturing = true;
  return kSuccess;
}

Result cuStreamEndCapture(Stream stream, Graph* graph) {
  stream->is_capturing = false;
  *graph = new GraphHandle{std::exchange(stream->captured, {})};
  return kSuccess;
}

Result cuGraphInstantiateWithFlags(ExecutableGraph* executable, Graph graph, unsigned long long) {
  *executable = new ExecutableGraphHandle{graph->work};
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
  stream->waiting.insert(stream->waiting.end(), graph->work.begin(), graph->work.end());
  return kSuccess;
}

Result cuLaunchKernel(Function function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                      unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                      Stream stream, void** parameters, void**) {
  const braid::cuda::Kernel* const kernel = kernel_of(function);
  const auto* const args = static_cast<const std::byte*>(parameters[0]);
  const braid::cuda::Launch launch{
      kernel->name, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared_bytes};
  return stream->add([launch, copy = std::vector(args, args + kernel->argument_bytes)] {
    device_clock() += 10000 * std::uint64_t{launch.grid.x} * launch.grid.y * launch.grid.z *
                      launch.block.x * launch.block.y * launch.block.z;
    braid::cuda::emulator::launch(launch, copy.data());
  });
}

}  // extern "C"
