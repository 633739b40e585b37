#pragma once

#include <type_traits>

#include "kernels/cuda/emulator/block.hpp"
#include "kernels/cuda/emulator/half.hpp"

/// CUDA's matrix instructions of a warp, as mma.h has them: products of 16-bit floats, or of tf32,
/// summed in float. A lane holds both factors whole, and of the sums every 32nd.
namespace nvcuda::wmma {

struct matrix_a {};
struct matrix_b {};
struct accumulator {};
struct row_major {};
struct col_major {};
enum layout_t { mem_row_major };
namespace precision {
struct tf32 {};
}  // namespace precision

template <class Use, int kM, int kN, int kK, class T, class Layout = void>
struct fragment {
  static constexpr int kRows = std::is_same_v<Use, matrix_b> ? kK : kM;
  static constexpr int kColumns = std::is_same_v<Use, matrix_a> ? kK : kN;
  static constexpr bool kIsTransposed = std::is_same_v<Layout, col_major>;
  float x[kRows * kColumns];
};

inline float __float_to_tf32(float value) {
  if (value != value) return value;
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return std::bit_cast<float>((bits + 0x1000) & 0xFFFFE000U);
}

inline float wmma_value(__half value) {
  return __half2float(value);
}
inline float wmma_value(__nv_bfloat16 value) {
  return __bfloat162float(value);
}
inline float wmma_value(float value) {
  return value;
}

template <class Fragment>
void fill_fragment(Fragment& to, float value) {
  for (float& element : to.x)
    element = value;
}

template <class Fragment, class T>
void load_matrix_sync(Fragment& to, const T* from, unsigned pitch) {
  const auto row = static_cast<int>(pitch);
  for (int i = 0; i < Fragment::kRows; ++i)
    for (int j = 0; j < Fragment::kColumns; ++j)
      to.x[i * Fragment::kColumns + j] =
          wmma_value(Fragment::kIsTransposed ? from[j * row + i] : from[i * row + j]);
}

template <class Sums>
void load_matrix_sync(Sums& to, const float* from, unsigned pitch, layout_t) {
  const int lane = static_cast<int>(braid::cuda::emulator::Block::current().lane());
  for (int at = lane; at < Sums::kRows * Sums::kColumns; at += 32)
    to.x[at] = from[at / Sums::kColumns * static_cast<int>(pitch) + at % Sums::kColumns];
}

template <class Sums, class A, class B>
void mma_sync(Sums& to, const A& a, const B& b, const Sums& from) {
  const int lane = static_cast<int>(braid::cuda::emulator::Block::current().lane());
  for (int at = lane; at < Sums::kRows * Sums::kColumns; at += 32) {
    const int row = at / Sums::kColumns;
    const int column = at % Sums::kColumns;
    float sum = from.x[at];
    for (int k = 0; k < A::kColumns; ++k)
      sum += a.x[row * A::kColumns + k] * b.x[k * B::kColumns + column];
    to.x[at] = sum;
  }
}

template <class Sums>
void store_matrix_sync(float* to, const Sums& from, unsigned pitch, layout_t) {
  const int lane = static_cast<int>(braid::cuda::emulator::Block::current().lane());
  for (int at = lane; at < Sums::kRows * Sums::kColumns; at += 32)
    to[at / Sums::kColumns * static_cast<int>(pitch) + at % Sums::kColumns] = from.x[at];
}

}  // namespace nvcuda::wmma
