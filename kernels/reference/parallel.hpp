#pragma once

#include <cstdint>

namespace braid::reference {

/// Below this many elementary steps, waking threads costs more than it saves.
inline constexpr std::int64_t kParallelWork = 1 << 15;

/// Calls body(0) .. body(count - 1), on several threads if count * work_per_item is worth it. The
/// body must not throw: an exception cannot leave a parallel region.
template <class Body>
void parallel_for(std::int64_t count, std::int64_t work_per_item, const Body& body) {
  [[maybe_unused]] const bool worthwhile = count > 1 && count > kParallelWork / (work_per_item + 1);
#pragma omp parallel for schedule(static) if (worthwhile)
  for (std::int64_t i = 0; i < count; ++i)
    body(i);
}

}  // namespace braid::reference
