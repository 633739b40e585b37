#include "backends/cuda/emulated_gpu.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "backends/cuda/emulated_product.hpp"
#include "braid/error.hpp"
#include "kernels/cuda/emulator/emulator.hpp"

namespace braid {

using cuda::emulator::EmulatorError;
using cuda::emulator::StreamMisuse;
using cuda::emulator::WorkGraph;
using cuda::emulator::WorkPoint;
using cuda::emulator::WorkQueue;
using cuda::emulator::WorkStream;

struct EmulatedGpu::State {
  State(Order order, std::uint32_t seed) : queue(order, seed) {}

  WorkQueue queue;
  WorkStream default_stream;
  GpuTraffic traffic;
  Price price;
  mutable std::mutex mutex;
  std::map<const std::byte*, std::size_t> memory;  // bytes by address, of what is alive
};

namespace {

constexpr std::align_val_t kAlignment{256};  // as cuMemAlloc has it
constexpr std::uint64_t kNanosecondsOfThread = 10000;
constexpr int kPoison = 0xFF;  // floats of it are NaN

using State = EmulatedGpu::State;

std::shared_ptr<std::byte> allocate_poisoned(std::size_t bytes,
                                             std::function<void(const std::byte*)> on_free) {
  auto* const memory = static_cast<std::byte*>(::operator new(bytes, kAlignment));
  std::memset(memory, kPoison, bytes);
  return {memory, [on_free = std::move(on_free)](std::byte* p) {
            on_free(p);
            ::operator delete(p, kAlignment);
          }};
}

// What goes wrong here is wrong in Braid, not in the caller's data.
template <class Function>
auto checked(const Function& function) {
  try {
    return function();
  } catch (const EmulatorError& error) {
    throw Error(ErrorKind::Internal, std::string("a CUDA kernel is wrong: ") + error.what());
  } catch (const StreamMisuse& error) {
    throw Error(ErrorKind::Internal, std::string("streams are used wrongly: ") + error.what());
  }
}

std::uint64_t threads_of(const cuda::Launch& launch) {
  const auto count = [](cuda::Size3 size) { return std::uint64_t{size.x} * size.y * size.z; };
  return count(launch.grid) * count(launch.block);
}

class EmulatedProduct final : public LibraryProduct {
 public:
  explicit EmulatedProduct(const ProductLayout& layout) : layout_(layout) {}
  const char* name() const override { return "library"; }
  std::size_t workspace_bytes() const override { return 0; }
  const ProductLayout& layout() const { return layout_; }

 private:
  ProductLayout layout_;
};

class EmulatedGraph final : public GpuGraph {
 public:
  explicit EmulatedGraph(WorkGraph graph) : graph_(std::move(graph)) {}
  const WorkGraph& graph() const { return graph_; }

 private:
  WorkGraph graph_;
};

class EmulatedEvent final : public GpuEvent {
 public:
  explicit EmulatedEvent(State& state) : state_(state) {}

  void wait() override {
    checked([&] { state_.queue.finish(point_); });
  }

  double seconds_since(const GpuEvent& start) const override {
    const auto& other = static_cast<const EmulatedEvent&>(start);
    return static_cast<double>(*time_ - *other.time_) * 1e-9;
  }

  // The traffic's clock is read when the stream gets there; in a graph nobody reads it.
  void record(WorkStream& stream) {
    if (!stream.now.capture) {
      time_ = std::make_shared<std::uint64_t>(0);
      state_.queue.add(stream, [time = time_, &clock = state_.traffic.clock] { *time = clock; });
    }
    point_ = stream.now;
  }

  const WorkPoint& point() const { return point_; }

 private:
  State& state_;
  WorkPoint point_;
  std::shared_ptr<std::uint64_t> time_ = std::make_shared<std::uint64_t>(0);
};

class EmulatedStream : public GpuStream {
 public:
  EmulatedStream(State& state, WorkStream& stream)
      : queue_(state.queue), traffic_(state.traffic), price_(state.price), stream_(stream) {}

  void launch(const cuda::Launch& launch, std::span<const std::byte> args) override {
    add([&traffic = traffic_, &price = price_, launch,
         copy = std::vector(args.begin(), args.end())] {
      ++traffic.launches;
      traffic.clock += price ? price(launch) : kNanosecondsOfThread * threads_of(launch);
      cuda::emulator::launch(launch, copy.data());
    });
  }

  void multiply(const LibraryProduct& product, const ProductAddresses& at) override {
    const ProductLayout& layout = static_cast<const EmulatedProduct&>(product).layout();
    add([&traffic = traffic_, layout, at] {
      ++traffic.products;
      traffic.clock += static_cast<std::uint64_t>(layout.count) *
                       static_cast<std::uint64_t>(layout.rows) *
                       static_cast<std::uint64_t>(layout.columns);
      emulate_product(layout, at);
    });
  }

  void upload(std::byte* to, const std::byte* from, std::size_t bytes) override {
    move(traffic_.uploaded, to, from, bytes);
  }
  void download(std::byte* to, const std::byte* from, std::size_t bytes) override {
    move(traffic_.downloaded, to, from, bytes);
  }
  void copy(std::byte* to, const std::byte* from, std::size_t bytes) override {
    move(traffic_.copied, to, from, bytes);
  }

  void clear(std::byte* at, std::size_t bytes) override {
    add([at, bytes] { std::fill(at, at + bytes, std::byte{0}); });
  }

  void record(GpuEvent& event) override { static_cast<EmulatedEvent&>(event).record(stream_); }

  void wait_for(const GpuEvent& event) override {
    checked([&] { queue_.wait_for(stream_, static_cast<const EmulatedEvent&>(event).point()); });
  }

  void begin_capture() override {
    checked([&] { queue_.begin_capture(stream_); });
  }

  std::unique_ptr<GpuGraph> end_capture() override {
    return checked([&] { return std::make_unique<EmulatedGraph>(queue_.end_capture(stream_)); });
  }

  void replay(GpuGraph& graph) override {
    ++traffic_.replays;
    checked([&] { queue_.replay(stream_, static_cast<EmulatedGraph&>(graph).graph()); });
  }

  void wait() override {
    checked([&] { queue_.finish(stream_.now); });
  }

  void* handle() override { return &stream_; }

 private:
  void add(std::function<void()> piece) { queue_.add(stream_, std::move(piece)); }

  void move(std::atomic<std::size_t>& counter, std::byte* to, const std::byte* from,
            std::size_t bytes) {
    add([counter = &counter, to, from, bytes] {
      *counter += bytes;
      std::copy(from, from + bytes, to);
    });
  }

  WorkQueue& queue_;
  GpuTraffic& traffic_;
  const EmulatedGpu::Price& price_;
  WorkStream& stream_;
};

// A stream that does its work before it ends, as a device does: the memory may be gone afterwards.
class OwnStream final : public EmulatedStream {
 public:
  OwnStream(std::shared_ptr<State> state, std::unique_ptr<WorkStream> stream)
      : EmulatedStream(*state, *stream), state_(std::move(state)), own_(std::move(stream)) {}

  ~OwnStream() override {
    try {
      state_->queue.finish(own_->now);
    } catch (const std::exception&) {  // whoever waits for results hears of it, nobody else
    }
  }

 private:
  std::shared_ptr<State> state_;
  std::unique_ptr<WorkStream> own_;
};

}  // namespace

EmulatedGpu::EmulatedGpu(GpuTraits traits, Order order, std::uint32_t seed)
    : traits_(std::move(traits)), state_(std::make_shared<State>(order, seed)) {}

EmulatedGpu::~EmulatedGpu() = default;

const GpuTraffic& EmulatedGpu::traffic() const {
  return state_->traffic;
}

std::shared_ptr<std::byte> EmulatedGpu::allocate(std::size_t bytes) {
  auto memory = allocate_poisoned(bytes, [state = state_, bytes](const std::byte* at) {
    const std::lock_guard lock(state->mutex);
    state->traffic.allocated -= bytes;
    state->memory.erase(at);
  });
  const std::lock_guard lock(state_->mutex);
  state_->traffic.allocated += bytes;
  state_->memory[memory.get()] = bytes;
  return memory;
}

std::shared_ptr<std::byte> EmulatedGpu::allocate_pinned(std::size_t bytes) {
  return allocate_poisoned(bytes, [](const std::byte*) {});
}

std::unique_ptr<GpuStream> EmulatedGpu::make_stream() {
  return std::make_unique<OwnStream>(state_, std::make_unique<WorkStream>());
}

std::unique_ptr<GpuStream> EmulatedGpu::adopt_stream(void* handle) {
  auto* const stream =
      handle == nullptr ? &state_->default_stream : static_cast<WorkStream*>(handle);
  return std::make_unique<EmulatedStream>(*state_, *stream);
}

std::unique_ptr<GpuEvent> EmulatedGpu::make_event() {
  return std::make_unique<EmulatedEvent>(*state_);
}

void EmulatedGpu::set_price(Price price) {
  state_->price = std::move(price);
}

std::vector<std::shared_ptr<const LibraryProduct>> EmulatedGpu::library_products(
    const ProductLayout& layout) {
  if (!has_library_) return {};
  return {std::make_shared<EmulatedProduct>(layout)};
}

bool EmulatedGpu::holds(const std::byte* at, std::size_t bytes) const {
  const std::lock_guard lock(state_->mutex);
  const auto behind = state_->memory.upper_bound(at);
  if (behind == state_->memory.begin()) return false;
  const auto& [start, size] = *std::prev(behind);
  return at + bytes <= start + size;
}

}  // namespace braid
