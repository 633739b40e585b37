// The C library's allocator with a counter in front, which the loader gives to all libraries.

#include "support/count_allocations.hpp"

#include <atomic>

namespace {

std::atomic<std::size_t> allocations = 0;

}  // namespace

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)

bool braid::can_count_allocations() {
  return false;
}

#else

extern "C" {

void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* memory, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);

void* malloc(std::size_t bytes) {
  ++allocations;
  return __libc_malloc(bytes);
}

void* calloc(std::size_t count, std::size_t bytes) {
  ++allocations;
  return __libc_calloc(count, bytes);
}

void* realloc(void* memory, std::size_t bytes) {
  ++allocations;
  return __libc_realloc(memory, bytes);
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  ++allocations;
  return __libc_memalign(alignment, bytes);
}

}  // extern "C"

bool braid::can_count_allocations() {
  return true;
}

#endif

std::size_t braid::count_allocations(const std::function<void()>& body) {
  const std::size_t before = allocations;
  body();
  return allocations - before;
}
