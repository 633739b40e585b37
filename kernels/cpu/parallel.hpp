#pragma once

#include <omp.h>

#include <cstdint>

namespace braid::cpu {

/// Below this many elementary steps, waking threads costs more than it saves.
inline constexpr std::int64_t kParallelWork = 1 << 15;

/// Calls body(first, last) for ranges that make up [0, count), one per thread if count *
/// work_per_item is worth it. The body must not throw: an exception cannot leave a parallel region.
template <class Body>
void parallel_ranges(std::int64_t count, std::int64_t work_per_item, const Body& body) {
  const bool is_worthwhile = count > 1 && count > kParallelWork / (work_per_item + 1);
  if (!is_worthwhile || omp_get_max_threads() == 1) {
    body(std::int64_t{0}, count);
    return;
  }
#pragma omp parallel
  {
    const std::int64_t threads = omp_get_num_threads();
    const std::int64_t thread = omp_get_thread_num();
    body(count * thread / threads, count * (thread + 1) / threads);
  }
}

}  // namespace braid::cpu
