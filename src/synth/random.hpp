#pragma once

#include <cstdint>

namespace braid {

/// Random numbers by position instead of in sequence, so that the order in which threads ask does
/// not matter. Integer arithmetic, and floating-point operations that IEEE 754 rounds exactly, so
/// that every machine gets the same bits; that rules out std's distributions and the logarithm of
/// Box and Muller.
class RandomStream {
 public:
  explicit RandomStream(std::uint64_t key) : key_(key) {}

  /// The finaliser of splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
  /// generators, 2014).
  static std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
  }

  /// A stream of its own for each pair.
  static std::uint64_t combine(std::uint64_t key, std::uint64_t part) {
    return mix(mix(key + kGolden) ^ (part + kGolden));
  }

  std::uint64_t word(std::uint64_t index) const { return mix(key_ + (index + 1) * kGolden); }

  /// In [0, 1).
  double uniform(std::uint64_t index) const {
    return static_cast<double>(word(index) >> 11) * 0x1p-53;
  }

  /// Mean 0, variance 1: the sum of eight uniform numbers of 16 bits, which is normal but for its
  /// tails (none beyond 4.9).
  double normal(std::uint64_t index) const {
    constexpr double kMean = 8 * 65535.0 / 2;
    constexpr double kDeviation = 53509.91992145008;  // sqrt(8 (2^32 - 1) / 12)
    const std::uint64_t sum = sum_of_parts(word(2 * index)) + sum_of_parts(word(2 * index + 1));
    return (static_cast<double>(sum) - kMean) / kDeviation;
  }

 private:
  static constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15U;

  static std::uint64_t sum_of_parts(std::uint64_t word) {
    return (word & 0xffff) + (word >> 16 & 0xffff) + (word >> 32 & 0xffff) + (word >> 48);
  }

  std::uint64_t key_;
};

}  // namespace braid
