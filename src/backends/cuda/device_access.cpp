#include "backends/cuda/device_access.hpp"

namespace braid {
namespace {

class GpuAccess final : public DeviceAccess {
 public:
  explicit GpuAccess(Gpu& gpu) : gpu_(gpu) {}

  std::shared_ptr<void> allocate(std::size_t bytes) override { return gpu_.allocate(bytes); }

  std::shared_ptr<void> make_stream() override {
    const std::shared_ptr<GpuStream> stream = gpu_.make_stream();
    return {stream, stream->handle()};
  }

  void upload(void* to, std::span<const std::byte> from, void* stream) override {
    const auto queue = gpu_.adopt_stream(stream);
    queue->upload(static_cast<std::byte*>(to), from.data(), from.size());
    queue->wait();
  }

  void download(std::span<std::byte> to, const void* from, void* stream) override {
    const auto queue = gpu_.adopt_stream(stream);
    queue->download(to.data(), static_cast<const std::byte*>(from), to.size());
    queue->wait();
  }

  void follow(void* stream, void* other) override {
    const auto event = gpu_.make_event();
    gpu_.adopt_stream(other)->record(*event);
    gpu_.adopt_stream(stream)->wait_for(*event);
  }

  void wait(void* stream) override { gpu_.adopt_stream(stream)->wait(); }

  double time(void* stream, const std::function<void()>& work) override {
    const auto queue = gpu_.adopt_stream(stream);
    const auto start = gpu_.make_event();
    const auto end = gpu_.make_event();
    queue->record(*start);
    work();
    queue->record(*end);
    end->wait();
    return end->seconds_since(*start);
  }

 private:
  Gpu& gpu_;
};

}  // namespace

std::unique_ptr<DeviceAccess> make_device_access(Gpu& gpu) {
  return std::make_unique<GpuAccess>(gpu);
}

}  // namespace braid
