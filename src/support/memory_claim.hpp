#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace braid {

/// A part of Limits::memory, given back when it goes. To be had before memory is allocated whose
/// size a file decides.
class MemoryClaim {
 public:
  MemoryClaim() = default;

  /// Throws Error (Device) if that is more than is left.
  explicit MemoryClaim(std::uint64_t bytes);

  MemoryClaim(MemoryClaim&& other) noexcept : bytes_(std::exchange(other.bytes_, 0)) {}
  MemoryClaim& operator=(MemoryClaim&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MemoryClaim();

 private:
  std::uint64_t bytes_ = 0;
};

/// Claimed memory that starts at a cache line, which is as wide as the widest vectors; not zeroed.
std::shared_ptr<std::byte> allocate_aligned(std::size_t bytes);

}  // namespace braid
