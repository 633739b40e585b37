#include "kernels/cpu/sequence.hpp"

#include <cstring>
#include <type_traits>

#include "kernels/cpu/parallel.hpp"

namespace braid::cpu {
namespace {

template <class T>
T wrapping_sum(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    using Unsigned = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<Unsigned>(a) + static_cast<Unsigned>(b));
  } else {
    return a + b;
  }
}

// Row i of what is walked is at i * step, where the step may be negative.
template <class T>
void sum_line(const T* from, T* to, std::int64_t length, std::int64_t step, bool is_exclusive) {
  T total{};
  for (std::int64_t i = 0; i < length; ++i) {
    const T next = wrapping_sum(total, from[i * step]);
    to[i * step] = is_exclusive ? total : next;
    total = next;
  }
}

// Each row of the result is the one before it and a row of the input.
template <class T>
void sum_rows(const T* from, T* to, const RunningSum& s, std::int64_t step) {
  for (std::int64_t i = 0; i < s.length; ++i) {
    T* const row = to + i * step;
    if (i == 0) {
      for (std::int64_t j = 0; j < s.inner; ++j)
        row[j] = s.is_exclusive ? T{} : from[j];
      continue;
    }
    const T* const added = from + (s.is_exclusive ? i - 1 : i) * step;
#pragma omp simd
    for (std::int64_t j = 0; j < s.inner; ++j)
      row[j] = wrapping_sum(row[j - step], added[j]);
  }
}

}  // namespace

template <class T>
void cum_sum(const RunningSum& s, const T* from, T* to) {
  const std::int64_t block = s.length * s.inner;
  parallel_ranges(s.outer, block, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t o = first; o < last; ++o) {
      const std::int64_t start = o * block + (s.is_reverse ? block - s.inner : 0);
      const std::int64_t step = s.is_reverse ? -s.inner : s.inner;
      if (s.inner == 1) {
        sum_line(from + start, to + start, s.length, step, s.is_exclusive);
      } else {
        sum_rows(from + start, to + start, s, step);
      }
    }
  });
}

template void cum_sum(const RunningSum&, const float*, float*);
template void cum_sum(const RunningSum&, const double*, double*);
template void cum_sum(const RunningSum&, const std::int32_t*, std::int32_t*);
template void cum_sum(const RunningSum&, const std::int64_t*, std::int64_t*);

void reverse_sequences(const Sequences& s, const std::int64_t* lengths, const std::byte* from,
                       std::byte* to) {
  parallel_ranges(s.count, s.times * s.bytes, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t sequence = first; sequence < last; ++sequence) {
      const std::int64_t length = lengths[sequence];
      for (std::int64_t t = 0; t < s.times; ++t) {
        const std::int64_t source = t < length ? length - 1 - t : t;
        const std::int64_t start = sequence * s.sequence_step;
        std::memcpy(to + (start + t * s.time_step) * s.bytes,
                    from + (start + source * s.time_step) * s.bytes,
                    static_cast<std::size_t>(s.bytes));
      }
    }
  });
}

}  // namespace braid::cpu
