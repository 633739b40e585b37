#include "plan/place_values.hpp"

#include <algorithm>
#include <numeric>

namespace braid {
namespace {

constexpr std::size_t kAlignment = 64;

std::size_t aligned(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

// Whether two pieces may be needed at the same time.
class Overlap {
 public:
  Overlap(const std::vector<Lifetime>& lifetimes, const AreOrdered& are_ordered)
      : lifetimes_(lifetimes), are_ordered_(are_ordered) {}

  bool operator()(std::size_t i, std::size_t j) const {
    const Lifetime& a = lifetimes_[i];
    const Lifetime& b = lifetimes_[j];
    if (a.first <= b.last && b.first <= a.last) return true;
    if (!are_ordered_) return false;
    return a.last < b.first ? !are_ordered_(i, j) : !are_ordered_(j, i);
  }

 private:
  const std::vector<Lifetime>& lifetimes_;
  const AreOrdered& are_ordered_;
};

}  // namespace

Placement place_values(const std::vector<Lifetime>& lifetimes, const AreOrdered& are_ordered) {
  const Overlap overlap(lifetimes, are_ordered);
  std::vector<std::size_t> order(lifetimes.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return lifetimes[a].bytes > lifetimes[b].bytes;
  });
  Placement result;
  result.offsets.assign(lifetimes.size(), 0);
  std::vector<std::size_t> placed;  // by offset
  for (const std::size_t i : order) {
    const std::size_t bytes = aligned(lifetimes[i].bytes);
    if (bytes == 0) continue;
    std::size_t end = 0;  // of what is known to be taken
    std::size_t best = 0;
    std::size_t best_gap = 0;
    for (const std::size_t other : placed) {
      if (!overlap(i, other)) continue;
      const std::size_t start = result.offsets[other];
      const std::size_t gap = start > end ? start - end : 0;
      if (gap >= bytes && (best_gap == 0 || gap < best_gap)) {
        best = end;
        best_gap = gap;
      }
      end = std::max(end, start + aligned(lifetimes[other].bytes));
    }
    result.offsets[i] = best_gap > 0 ? best : end;
    result.total = std::max(result.total, result.offsets[i] + bytes);
    const auto behind = std::upper_bound(
        placed.begin(), placed.end(), i,
        [&](std::size_t a, std::size_t b) { return result.offsets[a] < result.offsets[b]; });
    placed.insert(behind, i);
  }
  return result;
}

}  // namespace braid
