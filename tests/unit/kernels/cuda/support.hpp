#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "kernels/cuda/element.hpp"
#include "kernels/cuda/emulator/emulator.hpp"
#include "kernels/cuda/emulator/half.hpp"

namespace braid::cuda {

/// The orders in which each kernel is run.
inline constexpr emulator::Schedule kSchedules[] = {{emulator::Order::Forward},
                                                    {emulator::Order::Backward},
                                                    {emulator::Order::Random, 7},
                                                    {emulator::Order::WarpByWarp},
                                                    {emulator::Order::WarpByWarpBackward}};

inline std::vector<double> random_numbers(std::size_t count, std::uint32_t seed) {
  std::minstd_rand random(seed);
  std::uniform_real_distribution<double> values(-1.0, 1.0);
  std::vector<double> numbers(count);
  for (double& number : numbers)
    number = values(random);
  return numbers;
}

/// Memory of the emulated device: elements of one type, exactly as many as given, so that
/// AddressSanitizer sees what is read beyond.
class Values {
 public:
  /// Not written yet: NaN.
  Values(Element element, std::size_t count)
      : element_(element), bytes_(count * element_bytes(element), 0xFF) {}

  Values(Element element, const std::vector<double>& numbers) : Values(element, numbers.size()) {
    for (std::size_t i = 0; i < numbers.size(); ++i)
      set(i, static_cast<float>(numbers[i]));
  }

  static Values random(Element element, std::size_t count, std::uint32_t seed) {
    return {element, random_numbers(count, seed)};
  }

  std::size_t size() const { return bytes_.size() / element_bytes(element_); }
  Element element() const { return element_; }
  void* data() { return bytes_.data(); }
  const void* data() const { return bytes_.data(); }
  void poison() { std::fill(bytes_.begin(), bytes_.end(), std::uint8_t{0xFF}); }

  double operator[](std::size_t i) const {
    if (element_ == Element::Float) return read<float>(i);
    if (element_ == Element::Half) return __half2float(read<__half>(i));
    return __bfloat162float(read<__nv_bfloat16>(i));
  }

  void set(std::size_t i, float value) {
    if (element_ == Element::Float) return write(i, value);
    if (element_ == Element::Half) return write(i, __float2half_rn(value));
    write(i, __float2bfloat16_rn(value));
  }

 private:
  template <class T>
  T read(std::size_t i) const {
    T value;
    std::memcpy(&value, bytes_.data() + i * sizeof(T), sizeof(T));
    return value;
  }
  template <class T>
  void write(std::size_t i, T value) {
    std::memcpy(bytes_.data() + i * sizeof(T), &value, sizeof(T));
  }

  Element element_;
  std::vector<std::uint8_t> bytes_;
};

/// The rounding of one result.
inline double rounding_of(Element element) {
  if (element == Element::Float) return 0x1p-23;
  return element == Element::Half ? 0x1p-10 : 0x1p-7;
}

/// What the sum of `depth` products of numbers in [-1, 1] may be off by on tensor cores, where
/// floats are rounded to tf32 by cutting off what is less than half of their last bit.
inline double tensor_tolerance(Element element, int depth) {
  const double rounding = element == Element::Float ? 0x1p-10 : 0.0;
  return depth * (2 * 0x1p-24 + rounding) + rounding_of(element);
}

/// Names the tests of a suite by their cases.
template <class Case>
std::string name_of(const testing::TestParamInfo<Case>& test) {
  return test.param.name;
}

/// Each result must be within `tolerance` of what is expected, relative to the larger of 1 and
/// that. One that was not written, or is NaN, is not.
inline void expect_close(const Values& results, const std::vector<double>& expected,
                         double tolerance) {
  ASSERT_EQ(results.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double bound = tolerance * std::fmax(1.0, std::fabs(expected[i]));
    ASSERT_LE(std::fabs(results[i] - expected[i]), bound)
        << "element " << i << " of " << expected.size() << ": " << results[i] << ", not "
        << expected[i];
  }
}

}  // namespace braid::cuda
