#pragma once

#include <cstdint>

/// The largest or smallest elements along the middle axis of [outer, length, inner]. NaN counts as
/// the largest for top_k(), and as what is looked for by arg_best(); of equal elements the first
/// one comes first. T is float, double, int32 or int64.
namespace braid::cpu {

struct Selection {
  std::int64_t outer = 1;
  std::int64_t length = 1;
  std::int64_t inner = 1;
  bool is_largest = true;
};

/// `values` and `indices` are [outer, k, inner], sorted; k is at least 1.
template <class T>
void top_k(const Selection& selection, std::int64_t k, const T* from, T* values,
           std::int64_t* indices);

/// `indices` are [outer, inner], as is `best`, which is scratch memory.
template <class T>
void arg_best(const Selection& selection, bool prefers_last, const T* from, T* best,
              std::int64_t* indices);

}  // namespace braid::cpu
