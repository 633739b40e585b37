#include "backends/cuda/driver/driver_gpu.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "backends/cuda/driver/driver_api.hpp"
#include "backends/cuda/driver/driver_library.hpp"
#include "backends/cuda/driver/kernel_modules.hpp"
#include "braid/error.hpp"

namespace braid {
namespace {

using driver::api;
using driver::check;
using driver::DeviceNumber;
using driver::DevicePointer;
using driver::KernelModules;

DevicePointer pointer_of(const std::byte* address) {
  return std::bit_cast<std::uintptr_t>(address);
}

int attribute_of(DeviceNumber device, int attribute) {
  int value = 0;
  check(api().device_attribute(&value, attribute, device), "asking for a device's properties");
  return value;
}

DeviceNumber find_device(int ordinal) {
  check(api().init(0), "starting");
  int count = 0;
  check(api().device_count(&count), "counting devices");
  if (ordinal >= count) {
    throw Error(ErrorKind::Device, "there is no CUDA device " + std::to_string(ordinal) +
                                       " among " + std::to_string(count) + "; use --device cpu");
  }
  DeviceNumber device = 0;
  check(api().device(&device, ordinal), "opening a device");
  return device;
}

std::string software() {
  int version = 0;
  check(api().version(&version), "telling its version");
  const cublas_lt::Library& library = cublas_lt::library();
  return "driver " + std::to_string(version) + (library.api ? ", " + library.detail : "");
}

GpuTraits traits_of(DeviceNumber device) {
  std::array<char, 256> name{};
  check(api().device_name(name.data(), static_cast<int>(name.size()), device), "naming a device");
  GpuTraits traits;
  traits.name = name.data();
  traits.processors = attribute_of(device, driver::kProcessorCount);
  traits.architecture = 10 * attribute_of(device, driver::kArchitectureMajor) +
                        attribute_of(device, driver::kArchitectureMinor);
  traits.clock = 1e3 * attribute_of(device, driver::kClockRate);
  traits.bandwidth = 2e3 * attribute_of(device, driver::kMemoryClockRate) *
                     attribute_of(device, driver::kMemoryBusWidth) / 8;
  traits.cache_bytes = static_cast<std::size_t>(attribute_of(device, driver::kCacheBytes));
  traits.software = software();
  check(api().total_memory(&traits.memory_bytes, device), "asking for a device's memory");
  return traits;
}

/// The device's context, which the process has one of, and the kernels in it. Streams and memory
/// hold it.
class Loaded {
 public:
  explicit Loaded(DeviceNumber device) {
    check(api().retain_context(&context_, device), "opening a context");
    make_current();
    kernels_ = std::make_unique<KernelModules>();
  }

  /// For the thread that calls.
  void make_current() const { check(api().set_context(context_), "entering a context"); }

  /// The same before memory is freed, where nothing can be done about failures, such as that the
  /// process ends.
  void try_make_current() const { api().set_context(context_); }

  KernelModules& kernels() const { return *kernels_; }
  driver::DriverLibrary& library() const { return *library_; }

 private:
  driver::Context context_ = nullptr;
  std::unique_ptr<KernelModules> kernels_;
  std::unique_ptr<driver::DriverLibrary> library_ = std::make_unique<driver::DriverLibrary>();
};

class DriverGraph final : public GpuGraph {
 public:
  explicit DriverGraph(driver::ExecutableGraph graph) : graph_(graph) {}
  ~DriverGraph() override { api().destroy_executable(graph_); }

  driver::ExecutableGraph handle() const { return graph_; }

 private:
  driver::ExecutableGraph graph_;
};

class DriverEvent final : public GpuEvent {
 public:
  explicit DriverEvent(std::shared_ptr<const Loaded> loaded) : loaded_(std::move(loaded)) {
    loaded_->make_current();
    check(api().create_event(&event_, driver::kDefaultEvent), "making an event");
  }
  ~DriverEvent() override { api().destroy_event(event_); }

  driver::Event handle() const { return event_; }

  void wait() override {
    loaded_->make_current();
    check(api().await(event_), "computing");
  }

  double seconds_since(const GpuEvent& start) const override {
    float milliseconds = 0;
    const driver::Event first = static_cast<const DriverEvent&>(start).handle();
    check(api().elapsed_time(&milliseconds, first, event_), "taking the time");
    return milliseconds * 1e-3;
  }

 private:
  std::shared_ptr<const Loaded> loaded_;
  driver::Event event_ = nullptr;
};

class DriverStream : public GpuStream {
 public:
  DriverStream(std::shared_ptr<const Loaded> loaded, driver::Stream stream)
      : loaded_(std::move(loaded)), stream_(stream) {
    loaded_->make_current();
  }

  void launch(const cuda::Launch& launch, std::span<const std::byte> args) override {
    const auto& [grid, block] = std::pair(launch.grid, launch.block);
    void* parameters[] = {const_cast<std::byte*>(args.data())};  // which the driver copies
    check(api().launch(loaded_->kernels().find(launch.kernel), grid.x, grid.y, grid.z, block.x,
                       block.y, block.z, launch.shared_bytes, stream_, parameters, nullptr),
          launch.kernel);
  }

  void multiply(const LibraryProduct& product, const ProductAddresses& at) override {
    loaded_->make_current();
    loaded_->library().multiply(product, at, stream_);
  }

  void upload(std::byte* to, const std::byte* from, std::size_t bytes) override {
    if (bytes == 0) return;
    check(api().upload(pointer_of(to), from, bytes, stream_), "copying to the device");
  }

  void download(std::byte* to, const std::byte* from, std::size_t bytes) override {
    if (bytes == 0) return;
    check(api().download(to, pointer_of(from), bytes, stream_), "copying from the device");
  }

  void copy(std::byte* to, const std::byte* from, std::size_t bytes) override {
    if (bytes == 0) return;
    check(api().copy(pointer_of(to), pointer_of(from), bytes, stream_), "copying on the device");
  }

  void record(GpuEvent& event) override {
    check(api().record_event(static_cast<DriverEvent&>(event).handle(), stream_),
          "recording an event");
  }

  void wait_for(const GpuEvent& event) override {
    check(api().wait_for(stream_, static_cast<const DriverEvent&>(event).handle(), 0),
          "ordering streams");
  }

  void clear(std::byte* at, std::size_t bytes) override {
    if (bytes == 0) return;
    check(api().fill(pointer_of(at), 0, bytes, stream_), "clearing memory");
  }

  void begin_capture() override {
    loaded_->make_current();
    check(api().begin_capture(stream_, driver::kCaptureThreadLocal), "capturing a graph");
  }

  std::unique_ptr<GpuGraph> end_capture() override {
    driver::Graph graph = nullptr;
    check(api().end_capture(stream_, &graph), "capturing a graph");
    driver::ExecutableGraph executable = nullptr;
    const driver::Result result = api().instantiate(&executable, graph, 0);
    api().destroy_graph(graph);
    check(result, "making a graph");
    return std::make_unique<DriverGraph>(executable);
  }

  void replay(GpuGraph& graph) override {
    loaded_->make_current();
    check(api().launch_graph(static_cast<DriverGraph&>(graph).handle(), stream_),
          "launching a graph");
  }

  void wait() override {
    loaded_->make_current();
    check(api().synchronize(stream_), "computing");
  }

  void* handle() override { return stream_; }

 private:
  std::shared_ptr<const Loaded> loaded_;
  driver::Stream stream_;
};

driver::Stream open_stream(const Loaded& loaded) {
  loaded.make_current();
  driver::Stream stream = nullptr;
  check(api().create_stream(&stream, driver::kNonBlocking), "opening a stream");
  return stream;
}

class OwnStream final : public DriverStream {
 public:
  explicit OwnStream(const std::shared_ptr<const Loaded>& loaded)
      : DriverStream(loaded, open_stream(*loaded)) {}
  ~OwnStream() override { api().destroy_stream(static_cast<driver::Stream>(handle())); }
};

class DriverGpu final : public Gpu {
 public:
  explicit DriverGpu(DeviceNumber device)
      : device_(device), traits_(traits_of(device)), loaded_(std::make_shared<Loaded>(device)) {}

  const GpuTraits& traits() const override { return traits_; }

  std::shared_ptr<std::byte> allocate(std::size_t bytes) override {
    loaded_->make_current();
    DevicePointer pointer = 0;
    check_memory(api().allocate(&pointer, std::max<std::size_t>(bytes, 1)), bytes);
    auto* const address = std::bit_cast<std::byte*>(static_cast<std::uintptr_t>(pointer));
    return {address, [loaded = loaded_](std::byte* p) {
              loaded->try_make_current();
              api().free(pointer_of(p));
            }};
  }

  std::shared_ptr<std::byte> allocate_pinned(std::size_t bytes) override {
    loaded_->make_current();
    void* pointer = nullptr;
    check_memory(api().allocate_pinned(&pointer, std::max<std::size_t>(bytes, 1), 0), bytes);
    return {static_cast<std::byte*>(pointer), [loaded = loaded_](std::byte* p) {
              loaded->try_make_current();
              api().free_pinned(p);
            }};
  }

  std::unique_ptr<GpuStream> make_stream() override { return std::make_unique<OwnStream>(loaded_); }

  std::unique_ptr<GpuStream> adopt_stream(void* handle) override {
    return std::make_unique<DriverStream>(loaded_, static_cast<driver::Stream>(handle));
  }

  std::unique_ptr<GpuEvent> make_event() override { return std::make_unique<DriverEvent>(loaded_); }

  bool holds(const std::byte* at, std::size_t bytes) const override {
    loaded_->make_current();
    return is_own(at) && (bytes == 0 || is_own(at + bytes - 1));
  }

  std::vector<std::shared_ptr<const LibraryProduct>> library_products(
      const ProductLayout& layout) override {
    loaded_->make_current();
    return loaded_->library().products(layout);
  }

 private:
  bool is_own(const std::byte* at) const {
    unsigned type = 0;
    DeviceNumber device = -1;
    const auto ask = [&](void* value, int attribute) {
      return api().pointer_attribute(value, attribute, pointer_of(at)) == driver::kSuccess;
    };
    return ask(&type, driver::kMemoryType) && type == driver::kDeviceMemory &&
           ask(&device, driver::kDeviceOrdinal) && device == device_;
  }

  void check_memory(driver::Result result, std::size_t bytes) const {
    if (result != driver::kOutOfMemory) return check(result, "taking memory");
    throw Error(ErrorKind::Device, "out of memory on " + traits_.name + ", which has " +
                                       std::to_string(traits_.memory_bytes >> 20) +
                                       " MiB in all, for another " + std::to_string(bytes >> 20) +
                                       " MiB; use smaller inputs or fewer members");
  }

  DeviceNumber device_;
  GpuTraits traits_;
  std::shared_ptr<const Loaded> loaded_;
};

}  // namespace

std::unique_ptr<Gpu> open_gpu(int ordinal) {
  return std::make_unique<DriverGpu>(find_device(ordinal));
}

}  // namespace braid
