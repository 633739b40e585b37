#pragma once

#include "kernels/cuda/fast_divide.cuh"
#include "kernels/cuda/normalise.hpp"
#include "kernels/cuda/row_reduction.cuh"

namespace braid::cuda {

/// kWarps warps per row. The sums stay in shared memory if kIsCached, so that memory is read once.
template <class T, int kWarps, bool kIsCached>
struct NormaliseRows {
  using Args = NormaliseRowsArgs;
  static constexpr int kThreads = 256;
  static constexpr int kBlocks = 4;
  using Team = RowTeam<kWarps, kThreads>;

  __device__ static void run(const Args& args) {
    BRAID_DYNAMIC_SHARED(Floats, shared);
    const int row = Team::row();
    if (row >= args.rows) return;
    const int packs = (args.length + 3) / 4;
    Floats* const cache = shared + Team::row_in_block() * packs;
    float total = 0.0F;
    for (int i = Team::first_pack(); i < packs; i += Team::kTeam) {
      const Floats value = add(args, row, i * 4);
      if (kIsCached) cache[i] = value;
      if (args.is_centred) total += value.at[0] + value.at[1] + value.at[2] + value.at[3];
    }
    const auto length = static_cast<float>(args.length);
    const float mean = args.is_centred ? Team::template combine<Sum>(total) / length : 0.0F;
    float squares = 0.0F;
    for (int i = Team::first_pack(); i < packs; i += Team::kTeam) {
      const Floats value = kIsCached ? cache[i] : add(args, row, i * 4);
      BRAID_UNROLL
      for (int k = 0; k < 4; ++k)
        if (i * 4 + k < args.length) squares += (value.at[k] - mean) * (value.at[k] - mean);
    }
    const float factor = rsqrtf(Team::template combine<Sum>(squares) / length + args.epsilon);
    for (int i = Team::first_pack(); i < packs; i += Team::kTeam)
      write(args, row, i * 4, kIsCached ? cache[i] : add(args, row, i * 4), mean, factor);
  }

  // The sum that is normalised, of one pack; 0 beyond the end.
  __device__ __forceinline__ static Floats add(const Args& args, int row, int column) {
    const std::int64_t at = std::int64_t{row} * args.length + column;
    const int count = args.length - column;
    const int member = row / args.rows_per_member;
    Floats value = load_some(static_cast<const T*>(args.x) + at, 1, count);
    if (args.residual != nullptr)
      accumulate(value, load_some(static_cast<const T*>(args.residual) + at, 1, count));
    if (args.addend != nullptr) {
      const T* const from = static_cast<const T*>(args.addend) + member * args.addend_member;
      accumulate(value, load_some(from + column, 1, count));
    }
    return value;
  }

  __device__ __forceinline__ static void accumulate(Floats& to, const Floats& value) {
    BRAID_UNROLL
    for (int i = 0; i < 4; ++i)
      to.at[i] += value.at[i];
  }

  __device__ __forceinline__ static void write(const Args& args, int row, int column,
                                               const Floats& value, float mean, float factor) {
    const std::int64_t at = std::int64_t{row} * args.length + column;
    const int count = args.length - column;
    const int member = row / args.rows_per_member;
    const T* const scale = static_cast<const T*>(args.scale) + member * args.scale_member + column;
    const Floats scales = load_some(scale, 1, count);
    Floats biases{};
    if (args.bias != nullptr) {
      const T* const bias = static_cast<const T*>(args.bias) + member * args.bias_member + column;
      biases = load_some(bias, 1, count);
    }
    Floats result;
    BRAID_UNROLL
    for (int i = 0; i < 4; ++i)
      result.at[i] = (value.at[i] - mean) * factor * scales.at[i] + biases.at[i];
    if (args.sum != nullptr) store_some(static_cast<T*>(args.sum) + at, 1, count, value);
    store_some(static_cast<T*>(args.y) + at, 1, count, result);
  }
};

/// A block per group of an image. Its elements are read three times; mostly from the L2 cache.
template <class T>
struct NormaliseGroups {
  using Args = NormaliseGroupsArgs;
  static constexpr int kThreads = 256;
  static constexpr int kBlocks = 4;
  using Team = RowTeam<kThreads / 32, kThreads>;

  struct Place {
    std::int64_t offset;
    int channel;  // of the group
  };

  __device__ static void run(const Args& args) {
    const int image = static_cast<int>(blockIdx.x) / args.groups;
    const int group = static_cast<int>(blockIdx.x) % args.groups;
    const std::int64_t start =
        image * args.image_stride + std::int64_t{group} * args.channels * args.channel_stride;
    const T* const x = static_cast<const T*>(args.x) + start;
    T* const y = static_cast<T*>(args.y) + start;
    const int count = args.channels * args.pixels;
    float total = 0.0F;
    for (int i = static_cast<int>(threadIdx.x); i < count; i += kThreads)
      total += to_float(x[place(args, i).offset]);
    const float mean = Team::template combine<Sum>(total) / static_cast<float>(count);
    float squares = 0.0F;
    for (int i = static_cast<int>(threadIdx.x); i < count; i += kThreads) {
      const float distance = to_float(x[place(args, i).offset]) - mean;
      squares += distance * distance;
    }
    const float variance = Team::template combine<Sum>(squares) / static_cast<float>(count);
    const float factor = rsqrtf(variance + args.epsilon);
    const int member = image / args.images_per_member;
    const int channel = group * args.channels;
    const T* const scale = static_cast<const T*>(args.scale) + member * args.scale_member + channel;
    const T* const bias = static_cast<const T*>(args.bias) + member * args.bias_member + channel;
    for (int i = static_cast<int>(threadIdx.x); i < count; i += kThreads) {
      const Place at = place(args, i);
      const float value = (to_float(x[at.offset]) - mean) * factor;
      const float shift = to_float(bias[at.channel]);
      y[at.offset] = from_float<T>(value * to_float(scale[at.channel]) + shift);
    }
  }

  __device__ __forceinline__ static Place place(const Args& args, int index) {
    int inner = index;
    const int outer = split(inner, args.inner);
    const bool is_channel_inner = args.channel_stride < args.pixel_stride;
    const int channel = is_channel_inner ? inner : outer;
    const int pixel = is_channel_inner ? outer : inner;
    return {channel * args.channel_stride + pixel * args.pixel_stride, channel};
  }
};

}  // namespace braid::cuda
