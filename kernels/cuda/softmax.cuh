#pragma once

#include "kernels/cuda/normalise.hpp"
#include "kernels/cuda/row_reduction.cuh"

namespace braid::cuda {

/// Rows that lie in memory as such; kWarps warps for each.
template <class T, int kWarps, bool kIsCached>
struct SoftmaxRows {
  using Args = SoftmaxArgs;
  static constexpr int kThreads = 256;
  static constexpr int kBlocks = 4;
  using Team = RowTeam<kWarps, kThreads>;

  __device__ static void run(const Args& args) {
    BRAID_DYNAMIC_SHARED(Floats, shared);
    const int row = Team::row();
    if (row >= args.outer) return;
    const T* const x = static_cast<const T*>(args.x) + std::int64_t{row} * args.length;
    T* const y = static_cast<T*>(args.y) + std::int64_t{row} * args.length;
    const int packs = (args.length + 3) / 4;
    Floats* const cache = shared + Team::row_in_block() * packs;
    float largest = Maximum::neutral();
    for (int i = Team::first_pack(); i < packs; i += Team::kTeam) {
      const Floats value = load_some(x + i * 4, 1, args.length - i * 4);
      if (kIsCached) cache[i] = value;
      BRAID_UNROLL
      for (int k = 0; k < 4; ++k)
        if (i * 4 + k < args.length) largest = Maximum::of(largest, value.at[k]);
    }
    largest = Team::template combine<Maximum>(largest);
    float total = 0.0F;
    for (int i = Team::first_pack(); i < packs; i += Team::kTeam) {
      const Floats value = kIsCached ? cache[i] : load_some(x + i * 4, 1, args.length - i * 4);
      BRAID_UNROLL
      for (int k = 0; k < 4; ++k)
        if (i * 4 + k < args.length) total += expf(value.at[k] - largest);
    }
    total = Team::template combine<Sum>(total);
    const float factor = args.is_log ? logf(total) : 1.0F / total;
    for (int i = Team::first_pack(); i < packs; i += Team::kTeam) {
      const int count = args.length - i * 4;
      Floats value = kIsCached ? cache[i] : load_some(x + i * 4, 1, count);
      BRAID_UNROLL
      for (int k = 0; k < 4; ++k) {
        const float below = value.at[k] - largest;
        value.at[k] = args.is_log ? below - factor : expf(below) * factor;
      }
      store_some(y + i * 4, 1, count, value);
    }
  }
};

/// One thread per column: neighbours read neighbours.
template <class T>
struct SoftmaxColumns {
  using Args = SoftmaxArgs;
  static constexpr int kThreads = 128;
  static constexpr int kBlocks = 8;

  __device__ static void run(const Args& args) {
    const std::int64_t column = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    if (column >= std::int64_t{args.outer} * args.inner) return;
    const std::int64_t start = column / args.inner * args.length * args.inner + column % args.inner;
    const T* const x = static_cast<const T*>(args.x) + start;
    T* const y = static_cast<T*>(args.y) + start;
    float largest = Maximum::neutral();
    for (std::int64_t i = 0; i < args.length; ++i)
      largest = Maximum::of(largest, to_float(x[i * args.inner]));
    float total = 0.0F;
    for (std::int64_t i = 0; i < args.length; ++i)
      total += expf(to_float(x[i * args.inner]) - largest);
    const float factor = args.is_log ? logf(total) : 1.0F / total;
    for (std::int64_t i = 0; i < args.length; ++i) {
      const float below = to_float(x[i * args.inner]) - largest;
      y[i * args.inner] = from_float<T>(args.is_log ? below - factor : expf(below) * factor);
    }
  }
};

}  // namespace braid::cuda
