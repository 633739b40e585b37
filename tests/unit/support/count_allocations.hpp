#pragma once

#include <cstddef>
#include <functional>

namespace braid {

/// False where a sanitizer has the allocator to itself; then none are counted.
bool can_count_allocations();

/// How often `body` asks for memory, in whatever thread and library.
std::size_t count_allocations(const std::function<void()>& body);

}  // namespace braid
