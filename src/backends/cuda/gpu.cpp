#include "backends/cuda/gpu.hpp"

namespace braid {

std::shared_ptr<const std::byte> upload(Gpu& gpu, std::span<const std::byte> bytes) {
  std::shared_ptr<std::byte> copy = gpu.allocate(bytes.size());
  const std::unique_ptr<GpuStream> stream = gpu.make_stream();
  stream->upload(copy.get(), bytes.data(), bytes.size());
  stream->wait();
  return copy;
}

}  // namespace braid
