#pragma once

#include "kernels/cuda/pool.hpp"
#include "kernels/cuda/row_reduction.cuh"
#include "kernels/cuda/take_index.cuh"

namespace braid::cuda {

/// One result per thread: neighbours take neighbouring channels if these are adjacent, else
/// neighbouring windows.
template <class T>
struct Pool {
  using Args = PoolArgs;
  static constexpr int kThreads = 128;
  static constexpr int kBlocks = 8;

  struct Window {
    float value;
    int inside;   // cells that are in the input
    int counted;  // those and the padding
    int largest;  // which cell of the channel
  };

  __device__ static void run(const Args& args) {
    unsigned rest = blockIdx.x * kThreads + threadIdx.x;
    int channel = 0;
    if (args.x_channel == 1) channel = take_index(rest, args.channels);
    int places[kPoolAxes];
    BRAID_UNROLL
    for (int axis = 0; axis < kPoolAxes; ++axis)
      places[axis] = take_index(rest, args.axes[axis].y_size);
    if (args.x_channel != 1) channel = take_index(rest, args.channels);
    const auto image = static_cast<int>(rest);
    if (image >= args.images) return;
    const T* const x =
        static_cast<const T*>(args.x) + image * args.x_image + channel * args.x_channel;
    std::int64_t y = image * args.y_image + channel * args.y_channel;
    BRAID_UNROLL
    for (int axis = 0; axis < kPoolAxes; ++axis)
      y += places[axis] * args.axes[axis].y_stride;
    const Window window = look(args, x, places);
    static_cast<T*>(args.y)[y] = from_float<T>(finish(args, window));
    if (args.indices == nullptr) return;
    std::int64_t plane = std::int64_t{image} * args.channels + channel;
    BRAID_UNROLL
    for (int axis = 0; axis < kPoolAxes; ++axis)
      plane *= args.axes[axis].size;
    args.indices[y] = window.largest < 0 ? -1 : plane + window.largest;
  }

  __device__ __forceinline__ static float start(const Args& args) {
    return args.is_max ? Maximum::neutral() : 0.0F;
  }

  __device__ __forceinline__ static float finish(const Args& args, const Window& window) {
    if (args.is_max) return window.value;
    if (args.norm != 0.0F) return powf(window.value, 1.0F / args.norm);
    const int count = args.counts_padding ? window.counted : window.inside;
    return count == 0 ? 0.0F : window.value / static_cast<float>(count);
  }

  /// Where a cell lies in its channel.
  __device__ __forceinline__ static int index_of(const Args& args, const int* at) {
    const PoolAxis* const axes = args.axes;
    return args.counts_columns_first ? (at[0] * axes[1].size + at[1]) * axes[2].size + at[2]
                                     : (at[2] * axes[1].size + at[1]) * axes[0].size + at[0];
  }

  __device__ __forceinline__ static void add(const Args& args, float value, const int* at,
                                             Window& window) {
    if (args.is_max) {
      const bool is_first = window.inside++ == 0;
      const float largest = is_first ? value : Maximum::of(window.value, value);
      if (is_first || (largest != window.value && window.value == window.value))
        window.largest = index_of(args, at);
      window.value = largest;
    } else {
      ++window.inside;
      window.value += args.norm != 0.0F ? powf(fabsf(value), args.norm) : value;
    }
  }

  __device__ __forceinline__ static Window look(const Args& args, const T* x, const int* places) {
    Window window{start(args), 0, 0, -1};
    for (int i = 0; i < args.axes[2].kernel; ++i) {
      for (int j = 0; j < args.axes[1].kernel; ++j) {
        for (int k = 0; k < args.axes[0].kernel; ++k) {
          const int cell[kPoolAxes] = {k, j, i};
          int at[kPoolAxes];
          std::int64_t from = 0;
          bool is_inside = true;
          bool is_counted = true;
          BRAID_UNROLL
          for (int n = 0; n < kPoolAxes; ++n) {
            const PoolAxis& axis = args.axes[n];
            at[n] = places[n] * axis.step - axis.pad_begin + cell[n] * axis.dilation;
            is_inside = is_inside && at[n] >= 0 && at[n] < axis.size;
            is_counted = is_counted && at[n] < axis.size + axis.pad_end;
            from += at[n] * axis.x_stride;
          }
          window.counted += is_counted ? 1 : 0;
          if (is_inside) add(args, to_float(x[from]), at, window);
        }
      }
    }
    return window;
  }
};

}  // namespace braid::cuda
