#include "backends/cuda/gpu.hpp"

#include "braid/error.hpp"

namespace braid {

std::shared_ptr<const std::byte> upload(Gpu& gpu, std::span<const std::byte> bytes) {
  std::shared_ptr<std::byte> copy = gpu.allocate(bytes.size());
  const std::unique_ptr<GpuStream> stream = gpu.make_stream();
  stream->upload(copy.get(), bytes.data(), bytes.size());
  stream->wait();
  return copy;
}

std::unique_ptr<GpuGraph> capture(GpuStream& stream, const std::function<void()>& add_work) {
  stream.begin_capture();
  try {
    add_work();
  } catch (...) {
    try {
      stream.end_capture();
    } catch (const Error&) {  // the first failure says more
    }
    throw;
  }
  return stream.end_capture();
}

}  // namespace braid
