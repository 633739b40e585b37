#pragma once

#include <cstdint>

namespace braid {

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine and standard library,
/// which the distributions of <random> do not promise.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t bits = state_ += 0x9E3779B97F4A7C15U;
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9U;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBU;
    return bits ^ (bits >> 31);
  }

  /// In [0, bound); bound > 0. The bias, below bound / 2^64, does not matter here.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

  /// Mean 0, variance 1: the sum of twelve uniform numbers of 16 bits, which is normal but for
  /// its tails (none beyond 6). Exact, unlike Box and Muller's logarithm and cosine.
  double normal() {
    std::int64_t sum = 0;
    for (int i = 0; i < 3; ++i) {
      for (std::uint64_t word = next(), part = 0; part < 4; ++part, word >>= 16) {
        sum += static_cast<std::int64_t>(word & 0xFFFF);
      }
    }
    return static_cast<double>(sum - 6 * 65535) / 65536;
  }

 private:
  std::uint64_t state_;
};

/// A seed of its own for each of several streams.
inline std::uint64_t mix_seed(std::uint64_t seed, std::uint64_t stream) {
  return Random(seed ^ Random(stream).next()).next();
}

}  // namespace braid
