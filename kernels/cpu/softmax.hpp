#pragma once

#include <cstdint>

namespace braid::cpu {

/// A tensor [outer, length, inner], normalised along its length.
struct SoftmaxSize {
  std::int64_t outer = 1;
  std::int64_t length = 1;
  std::int64_t inner = 1;
};

void softmax(const SoftmaxSize& size, const float* x, float* y);
void log_softmax(const SoftmaxSize& size, const float* x, float* y);

}  // namespace braid::cpu
