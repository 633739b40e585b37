#include "kernels/cpu/selection.hpp"

#include <algorithm>

#include "kernels/cpu/clones.hpp"
#include "kernels/cpu/parallel.hpp"

namespace braid::cpu {
namespace {

// Whether a goes before b, whatever their places are.
template <bool kLargest, class T>
BRAID_INLINE bool is_better(T a, T b) {
  const bool is_nan = a != a;
  const bool is_other_nan = b != b;
  if constexpr (kLargest) {
    return a > b || (is_nan && !is_other_nan);
  } else {
    return a < b || (is_other_nan && !is_nan);
  }
}

/// The best `k` elements met so far, as a heap whose root is the worst of them. They lie in the
/// result already, with `stride` between them.
template <bool kLargest, class T>
class Best {
 public:
  Best(T* values, std::int64_t* indices, std::int64_t stride)
      : values_(values), indices_(indices), stride_(stride) {}

  void set(std::int64_t i, T value, std::int64_t index) {
    values_[i * stride_] = value;
    indices_[i * stride_] = index;
  }
  T value(std::int64_t i) const { return values_[i * stride_]; }

  // The root's place among the first `count` elements is found; all else is a heap.
  void sift_down(std::int64_t i, std::int64_t count) {
    const T moved = value(i);
    const std::int64_t index = indices_[i * stride_];
    for (std::int64_t child = 2 * i + 1; child < count; child = 2 * i + 1) {
      if (child + 1 < count && comes_after(child + 1, value(child), place(child))) ++child;
      if (!comes_after(child, moved, index)) break;
      set(i, value(child), place(child));
      i = child;
    }
    set(i, moved, index);
  }

  void sort(std::int64_t k) {
    for (std::int64_t end = k - 1; end > 0; --end) {
      const T worst = value(0);
      const std::int64_t index = place(0);
      set(0, value(end), place(end));
      set(end, worst, index);
      sift_down(0, end);
    }
  }

 private:
  std::int64_t place(std::int64_t i) const { return indices_[i * stride_]; }

  // Element i comes after (other, index) in the result.
  bool comes_after(std::int64_t i, T other, std::int64_t index) const {
    if (is_better<kLargest>(other, value(i))) return true;
    return !is_better<kLargest>(value(i), other) && place(i) > index;
  }

  T* values_;
  std::int64_t* indices_;
  std::int64_t stride_;
};

template <bool kLargest, class T>
BRAID_INLINE bool is_found(T value, T best, bool prefers_last) {
  const bool is_first_nan = value != value && best == best;
  return is_first_nan || (kLargest ? value > best : value < best) ||
         (prefers_last && value == best);
}

constexpr std::int64_t kBlock = 256;  // elements that are looked at side by side

template <bool kLargest, class T>
BRAID_INLINE T best_value(const T* from, std::int64_t count) {
  T best = from[0];
  if constexpr (kLargest) {
#pragma omp simd reduction(max : best)
    for (std::int64_t i = 0; i < count; ++i)
      best = from[i] > best ? from[i] : best;
  } else {
#pragma omp simd reduction(min : best)
    for (std::int64_t i = 0; i < count; ++i)
      best = from[i] < best ? from[i] : best;
  }
  return best;
}

template <class T>
BRAID_INLINE bool has_nan(const T* from, std::int64_t count) {
  std::int32_t found = 0;
#pragma omp simd reduction(| : found)
  for (std::int64_t i = 0; i < count; ++i)
    found |= from[i] != from[i] ? 1 : 0;
  return found != 0;
}

// The block with the best value first, then the place in it.
template <bool kLargest, class T>
BRAID_INLINE std::int64_t best_of_line(const T* from, std::int64_t length, bool prefers_last) {
  T best = from[0];
  std::int64_t start = 0;
  for (std::int64_t i = 0; i < length; i += kBlock) {
    const std::int64_t count = std::min(kBlock, length - i);
    if (has_nan(from + i, count)) {
      return std::find_if(from + i, from + i + count, [](T x) { return x != x; }) - from;
    }
    const T value = best_value<kLargest>(from + i, count);
    if (!(kLargest ? value > best : value < best) && !(prefers_last && value == best)) continue;
    best = value;
    start = i;
  }
  if (!prefers_last) return std::find(from + start, from + length, best) - from;
  std::int64_t last = std::min(start + kBlock, length) - 1;
  while (from[last] != best)
    --last;
  return last;
}

// Whether one of the elements goes before `root`.
template <bool kLargest, class T>
BRAID_INLINE bool has_better(const T* from, std::int64_t count, T root) {
  std::int32_t found = 0;
#pragma omp simd reduction(| : found)
  for (std::int64_t i = 0; i < count; ++i)
    found |= is_better<kLargest>(from[i], root) ? 1 : 0;
  return found != 0;
}

template <bool kLargest, class T>
BRAID_INLINE void best_of_lines(const T* from, const Selection& s, bool prefers_last, T* best,
                                std::int64_t* indices) {
  for (std::int64_t j = 0; j < s.inner; ++j) {
    best[j] = from[j];
    indices[j] = 0;
  }
  for (std::int64_t i = 1; i < s.length; ++i) {
    const T* const row = from + i * s.inner;
#pragma omp simd
    for (std::int64_t j = 0; j < s.inner; ++j) {
      const T value = row[j];
      const bool is_new = is_found<kLargest>(value, best[j], prefers_last);
      best[j] = is_new ? value : best[j];
      indices[j] = is_new ? i : indices[j];
    }
  }
}

template <bool kLargest, class T>
BRAID_INLINE void best_of_block(const T* from, const Selection& s, bool prefers_last, T* best,
                                std::int64_t* indices) {
  if (s.inner == 1) {
    *indices = best_of_line<kLargest>(from, s.length, prefers_last);
  } else {
    best_of_lines<kLargest>(from, s, prefers_last, best, indices);
  }
}

// Templates cannot be cloned.
// NOLINTBEGIN(bugprone-macro-parentheses): T is a type.
#define BRAID_CLONED_SCANS(T)                                                               \
  BRAID_CLONES void largest_of_block(const T* from, const Selection& s, bool prefers_last,  \
                                     T* best, std::int64_t* indices) {                      \
    best_of_block<true>(from, s, prefers_last, best, indices);                              \
  }                                                                                         \
  BRAID_CLONES void smallest_of_block(const T* from, const Selection& s, bool prefers_last, \
                                      T* best, std::int64_t* indices) {                     \
    best_of_block<false>(from, s, prefers_last, best, indices);                             \
  }                                                                                         \
  BRAID_CLONES bool has_larger(const T* from, std::int64_t count, T root) {                 \
    return has_better<true>(from, count, root);                                             \
  }                                                                                         \
  BRAID_CLONES bool has_smaller(const T* from, std::int64_t count, T root) {                \
    return has_better<false>(from, count, root);                                            \
  }
// NOLINTEND(bugprone-macro-parentheses)
BRAID_CLONED_SCANS(float)
BRAID_CLONED_SCANS(double)
BRAID_CLONED_SCANS(std::int32_t)
BRAID_CLONED_SCANS(std::int64_t)
#undef BRAID_CLONED_SCANS

template <bool kLargest, class T>
bool has_better_one(const T* from, std::int64_t count, T root) {
  if constexpr (kLargest) {
    return has_larger(from, count, root);
  } else {
    return has_smaller(from, count, root);
  }
}

// The elements [first, last) of a line, after those before them.
template <bool kLargest, class T>
void add_elements(const T* from, std::int64_t first, std::int64_t last, std::int64_t stride,
                  std::int64_t k, Best<kLargest, T>& best) {
  for (std::int64_t i = first; i < last; ++i) {
    const T value = from[i * stride];
    if (!is_better<kLargest>(value, best.value(0))) continue;
    best.set(0, value, i);
    best.sift_down(0, k);
  }
}

template <bool kLargest, class T>
void top_k_of_line(const T* from, std::int64_t length, std::int64_t stride, std::int64_t k,
                   T* values, std::int64_t* indices) {
  constexpr std::int64_t kSkipped = 64;  // elements at a time, few of which are good enough
  Best<kLargest, T> best(values, indices, stride);
  for (std::int64_t i = 0; i < k; ++i)
    best.set(i, from[i * stride], i);
  for (std::int64_t i = k / 2; i-- > 0;)
    best.sift_down(i, k);
  for (std::int64_t i = k; i < length; i += kSkipped) {
    const std::int64_t last = std::min(i + kSkipped, length);
    if (stride == 1 && !has_better_one<kLargest>(from + i, last - i, best.value(0))) continue;
    add_elements(from, i, last, stride, k, best);
  }
  best.sort(k);
}

}  // namespace

template <class T>
void top_k(const Selection& s, std::int64_t k, const T* from, T* values, std::int64_t* indices) {
  const auto select = s.is_largest ? top_k_of_line<true, T> : top_k_of_line<false, T>;
  parallel_ranges(s.outer * s.inner, 2 * s.length, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t line = first; line < last; ++line) {
      const std::int64_t o = line / s.inner;
      const std::int64_t i = line % s.inner;
      const std::int64_t to = o * k * s.inner + i;
      select(from + o * s.length * s.inner + i, s.length, s.inner, k, values + to, indices + to);
    }
  });
}

template <class T>
void arg_best(const Selection& s, bool prefers_last, const T* from, T* best,
              std::int64_t* indices) {
  parallel_ranges(s.outer, s.length * s.inner, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t o = first; o < last; ++o) {
      const T* const block = from + o * s.length * s.inner;
      const std::int64_t to = o * s.inner;
      if (s.is_largest) {
        largest_of_block(block, s, prefers_last, best + to, indices + to);
      } else {
        smallest_of_block(block, s, prefers_last, best + to, indices + to);
      }
    }
  });
}

template void top_k(const Selection&, std::int64_t, const float*, float*, std::int64_t*);
template void top_k(const Selection&, std::int64_t, const double*, double*, std::int64_t*);
template void top_k(const Selection&, std::int64_t, const std::int32_t*, std::int32_t*,
                    std::int64_t*);
template void top_k(const Selection&, std::int64_t, const std::int64_t*, std::int64_t*,
                    std::int64_t*);
template void arg_best(const Selection&, bool, const float*, float*, std::int64_t*);
template void arg_best(const Selection&, bool, const double*, double*, std::int64_t*);
template void arg_best(const Selection&, bool, const std::int32_t*, std::int32_t*, std::int64_t*);
template void arg_best(const Selection&, bool, const std::int64_t*, std::int64_t*, std::int64_t*);

}  // namespace braid::cpu
