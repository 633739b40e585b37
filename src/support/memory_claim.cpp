#include "support/memory_claim.hpp"

#include <atomic>
#include <new>
#include <string>

#include "braid/error.hpp"
#include "braid/limits.hpp"

namespace braid {
namespace {

constexpr std::align_val_t kAlignment{64};

std::atomic<std::uint64_t> claimed = 0;

}  // namespace

MemoryClaim::MemoryClaim(std::uint64_t bytes) {
  const std::uint64_t limit = limits().memory;
  std::uint64_t before = claimed.load(std::memory_order_relaxed);
  do {
    const bool fits = before <= limit && bytes <= limit - before;
    if (!fits)
      throw Error(ErrorKind::Device,
                  "needs " + std::to_string(bytes) + " bytes of memory beside " +
                      std::to_string(before) + " in use, more than the limit of " +
                      std::to_string(limit) + "; use smaller inputs, or raise --memory-limit");
  } while (!claimed.compare_exchange_weak(before, before + bytes, std::memory_order_relaxed));
  bytes_ = bytes;
}

MemoryClaim::~MemoryClaim() {
  claimed.fetch_sub(bytes_, std::memory_order_relaxed);
}

std::shared_ptr<std::byte> allocate_aligned(std::size_t bytes) {
  auto claim = std::make_shared<MemoryClaim>(bytes);
  auto* const memory = static_cast<std::byte*>(::operator new(bytes, kAlignment));
  return {memory, [claim](std::byte* p) { ::operator delete(p, kAlignment); }};
}

}  // namespace braid
