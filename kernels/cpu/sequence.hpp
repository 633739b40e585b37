#pragma once

#include <cstddef>
#include <cstdint>

namespace braid::cpu {

/// Running sums along the middle axis of [outer, length, inner].
struct RunningSum {
  std::int64_t outer = 1;
  std::int64_t length = 1;
  std::int64_t inner = 1;
  bool is_exclusive = false;  ///< without the element itself
  bool is_reverse = false;    ///< from the end
};

/// T is float, double, int32 or int64; integers wrap around.
template <class T>
void cum_sum(const RunningSum& sum, const T* from, T* to);

/// Turns the first `lengths[s]` rows of each sequence around. Row t of sequence s lies at
/// t * time_step + s * sequence_step, in rows of `bytes`. Lengths are within [0, times].
struct Sequences {
  std::int64_t count = 0;
  std::int64_t times = 0;
  std::int64_t sequence_step = 0;
  std::int64_t time_step = 0;
  std::int64_t bytes = 0;
};
void reverse_sequences(const Sequences& sequences, const std::int64_t* lengths,
                       const std::byte* from, std::byte* to);

}  // namespace braid::cpu
