#include "backends/cuda/emulated_gpu.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <new>
#include <utility>
#include <vector>

#include "backends/cuda/emulated_product.hpp"
#include "kernels/cuda/emulator/emulator.hpp"
#include "support/assert.hpp"

namespace braid {
namespace {

constexpr std::align_val_t kAlignment{256};  // as cuMemAlloc has it
constexpr std::uint64_t kNanosecondsOfThread = 10000;
constexpr int kPoison = 0xFF;  // floats of it are NaN

std::shared_ptr<std::byte> allocate_poisoned(std::size_t bytes, std::function<void()> on_free) {
  auto* const memory = static_cast<std::byte*>(::operator new(bytes, kAlignment));
  std::memset(memory, kPoison, bytes);
  return {memory, [on_free = std::move(on_free)](std::byte* p) {
            ::operator delete(p, kAlignment);
            on_free();
          }};
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

using Work = std::vector<std::function<void()>>;

class EmulatedGraph final : public GpuGraph {
 public:
  explicit EmulatedGraph(Work work) : work_(std::move(work)) {}
  const Work& work() const { return work_; }

 private:
  Work work_;
};

// When an event was reached, as the traffic's clock has it.
class EmulatedEvent final : public GpuEvent {
 public:
  double seconds_since(const GpuEvent& start) const override {
    return static_cast<double>(*time_ - *static_cast<const EmulatedEvent&>(start).time_) * 1e-9;
  }
  std::shared_ptr<std::uint64_t> time() const { return time_; }

 private:
  std::shared_ptr<std::uint64_t> time_ = std::make_shared<std::uint64_t>(0);
};

class EmulatedStream final : public GpuStream {
 public:
  EmulatedStream(std::shared_ptr<GpuTraffic> traffic,
                 std::shared_ptr<const EmulatedGpu::Price> price)
      : traffic_(std::move(traffic)), price_(std::move(price)) {}

  void launch(const cuda::Launch& launch, std::span<const std::byte> args) override {
    add([traffic = traffic_, price = price_, launch, copy = std::vector(args.begin(), args.end())] {
      ++traffic->launches;
      traffic->clock += *price ? (*price)(launch) : kNanosecondsOfThread * threads_of(launch);
      cuda::emulator::launch(launch, copy.data());
    });
  }

  void multiply(const LibraryProduct& product, const ProductAddresses& at) override {
    const ProductLayout& layout = static_cast<const EmulatedProduct&>(product).layout();
    add([traffic = traffic_, layout, at] {
      ++traffic->products;
      traffic->clock += static_cast<std::uint64_t>(layout.count) *
                        static_cast<std::uint64_t>(layout.rows) *
                        static_cast<std::uint64_t>(layout.columns);
      emulate_product(layout, at);
    });
  }

  void record(GpuEvent& event) override {
    add([traffic = traffic_, time = static_cast<EmulatedEvent&>(event).time()] {
      *time = traffic->clock;
    });
  }

  void upload(std::byte* to, const std::byte* from, std::size_t bytes) override {
    add([traffic = traffic_, to, from, bytes] {
      traffic->uploaded += bytes;
      std::copy(from, from + bytes, to);
    });
  }

  void download(std::byte* to, const std::byte* from, std::size_t bytes) override {
    add([traffic = traffic_, to, from, bytes] {
      traffic->downloaded += bytes;
      std::copy(from, from + bytes, to);
    });
  }

  void clear(std::byte* at, std::size_t bytes) override {
    add([at, bytes] { std::fill(at, at + bytes, std::byte{0}); });
  }

  void begin_capture() override {
    BRAID_ASSERT(!is_capturing_, "a stream captures one graph at a time");
    is_capturing_ = true;
  }

  std::unique_ptr<GpuGraph> end_capture() override {
    is_capturing_ = false;
    return std::make_unique<EmulatedGraph>(std::exchange(captured_, {}));
  }

  void replay(GpuGraph& graph) override {
    ++traffic_->replays;
    const Work& work = static_cast<EmulatedGraph&>(graph).work();
    waiting_.insert(waiting_.end(), work.begin(), work.end());
  }

  void wait() override {
    BRAID_ASSERT(!is_capturing_, "nobody waits for what is only recorded");
    const Work work = std::exchange(waiting_, {});
    try {
      for (const auto& piece : work)
        piece();
    } catch (const cuda::emulator::EmulatorError& error) {
      throw Error(ErrorKind::Internal, std::string("a CUDA kernel is wrong: ") + error.what());
    }
  }

 private:
  void add(std::function<void()> piece) {
    (is_capturing_ ? captured_ : waiting_).push_back(std::move(piece));
  }

  std::shared_ptr<GpuTraffic> traffic_;
  std::shared_ptr<const EmulatedGpu::Price> price_;
  Work waiting_;
  Work captured_;
  bool is_capturing_ = false;
};

}  // namespace

std::shared_ptr<std::byte> EmulatedGpu::allocate(std::size_t bytes) {
  traffic_->allocated += bytes;
  return allocate_poisoned(bytes, [traffic = traffic_, bytes] { traffic->allocated -= bytes; });
}

std::shared_ptr<std::byte> EmulatedGpu::allocate_pinned(std::size_t bytes) {
  return allocate_poisoned(bytes, [] {});
}

std::unique_ptr<GpuEvent> EmulatedGpu::make_event() {
  return std::make_unique<EmulatedEvent>();
}

std::vector<std::shared_ptr<const LibraryProduct>> EmulatedGpu::library_products(
    const ProductLayout& layout) {
  if (!has_library_) return {};
  return {std::make_shared<EmulatedProduct>(layout)};
}

std::unique_ptr<GpuStream> EmulatedGpu::make_stream() {
  return std::make_unique<EmulatedStream>(traffic_, price_);
}

}  // namespace braid
