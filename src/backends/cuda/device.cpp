#include "backends/cuda/device.hpp"

namespace braid {

std::shared_ptr<const std::byte> upload(Device& device, std::span<const std::byte> bytes) {
  std::shared_ptr<std::byte> copy = device.allocate(bytes.size());
  const std::unique_ptr<DeviceStream> stream = device.make_stream();
  stream->upload(copy.get(), bytes.data(), bytes.size());
  stream->wait();
  return copy;
}

}  // namespace braid
