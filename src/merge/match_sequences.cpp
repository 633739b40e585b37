#include "merge/match_sequences.hpp"

#include <algorithm>
#include <cstdint>

namespace braid {
namespace {

enum class Step : std::uint8_t { Pair, SkipFirst, SkipSecond };

std::int32_t score(const LabelledNode& a, const LabelledNode& b) {
  if (a.label != b.label) return 0;
  return !a.weights.empty() && a.weights == b.weights ? 2 : 1;
}

std::size_t common_start(const std::vector<LabelledNode>& a, const std::vector<LabelledNode>& b) {
  const std::size_t length = std::min(a.size(), b.size());
  std::size_t i = 0;
  while (i < length && a[i].label == b[i].label && a[i].weights == b[i].weights)
    ++i;
  return i;
}

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> match_sequences(
    const std::vector<LabelledNode>& first, const std::vector<LabelledNode>& second) {
  constexpr std::size_t kMaxCells = 256U << 20U;
  const std::size_t start = common_start(first, second);
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t i = 0; i < start; ++i)
    pairs.emplace_back(i, i);
  const std::size_t rows = first.size() - start;
  const std::size_t columns = second.size() - start;
  if (rows == 0 || columns == 0 || rows > kMaxCells / columns) return pairs;

  // best[j]: of the first i nodes against the first j nodes.
  std::vector<std::int32_t> best(columns + 1, 0);
  std::vector<Step> steps(rows * columns);
  for (std::size_t i = 0; i < rows; ++i) {
    std::int32_t diagonal = best[0];
    for (std::size_t j = 0; j < columns; ++j) {
      const std::int32_t gain = score(first[start + i], second[start + j]);
      const std::int32_t paired = diagonal + gain;
      diagonal = best[j + 1];
      Step step = best[j] > best[j + 1] ? Step::SkipSecond : Step::SkipFirst;
      std::int32_t value = std::max(best[j], best[j + 1]);
      if (gain > 0 && paired >= value) {
        step = Step::Pair;
        value = paired;
      }
      best[j + 1] = value;
      steps[i * columns + j] = step;
    }
  }
  std::size_t i = rows;
  std::size_t j = columns;
  std::vector<std::pair<std::size_t, std::size_t>> backwards;
  while (i > 0 && j > 0) {
    const Step step = steps[(i - 1) * columns + (j - 1)];
    if (step == Step::Pair) backwards.emplace_back(start + i - 1, start + j - 1);
    if (step != Step::SkipSecond) --i;
    if (step != Step::SkipFirst) --j;
  }
  pairs.insert(pairs.end(), backwards.rbegin(), backwards.rend());
  return pairs;
}

}  // namespace braid
