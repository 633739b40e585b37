#pragma once

#include <cstddef>
#include <cstdint>

namespace braid::fuzz {

/// Mutates a serialised ModelProto in place, as LLVMFuzzerCustomMutator() does; its new size.
std::size_t mutate_model(std::uint8_t* data, std::size_t size, std::size_t max_size,
                         std::uint64_t seed);

/// Writes `bytes` to `data` if they fit; returns how many are there now.
template <class Bytes>
std::size_t put(const Bytes& bytes, std::uint8_t* data, std::size_t size, std::size_t max_size) {
  if (bytes.size() > max_size) return size;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    data[i] = static_cast<std::uint8_t>(bytes[i]);
  return bytes.size();
}

}  // namespace braid::fuzz
