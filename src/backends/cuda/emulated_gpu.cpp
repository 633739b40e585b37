#include "backends/cuda/emulated_gpu.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <new>
#include <utility>
#include <vector>

#include "kernels/cuda/emulator/emulator.hpp"
#include "support/assert.hpp"

namespace braid {
namespace {

constexpr std::align_val_t kAlignment{256};  // as cuMemAlloc has it
constexpr int kPoison = 0xFF;                // floats of it are NaN

std::shared_ptr<std::byte> allocate_poisoned(std::size_t bytes, std::function<void()> on_free) {
  auto* const memory = static_cast<std::byte*>(::operator new(bytes, kAlignment));
  std::memset(memory, kPoison, bytes);
  return {memory, [on_free = std::move(on_free)](std::byte* p) {
            ::operator delete(p, kAlignment);
            on_free();
          }};
}

using Work = std::vector<std::function<void()>>;

class EmulatedGraph final : public GpuGraph {
 public:
  explicit EmulatedGraph(Work work) : work_(std::move(work)) {}
  const Work& work() const { return work_; }

 private:
  Work work_;
};

class EmulatedStream final : public GpuStream {
 public:
  explicit EmulatedStream(std::shared_ptr<GpuTraffic> traffic) : traffic_(std::move(traffic)) {}

  void launch(const cuda::Launch& launch, std::span<const std::byte> args) override {
    add([traffic = traffic_, launch, copy = std::vector(args.begin(), args.end())] {
      ++traffic->launches;
      cuda::emulator::launch(launch, copy.data());
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

std::unique_ptr<GpuStream> EmulatedGpu::make_stream() {
  return std::make_unique<EmulatedStream>(traffic_);
}

}  // namespace braid
