#pragma once

#include "kernels/cuda/pool.hpp"
#include "kernels/cuda/row_reduction.cuh"

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
  };

  __device__ static void run(const Args& args) {
    std::int64_t rest = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    int channel = 0;
    if (args.x_channel == 1) channel = take(rest, args.channels);
    int places[kPoolAxes];
    BRAID_UNROLL
    for (int axis = 0; axis < kPoolAxes; ++axis)
      places[axis] = take(rest, args.axes[axis].y_size);
    if (args.x_channel != 1) channel = take(rest, args.channels);
    if (rest >= args.images) return;
    const T* const x =
        static_cast<const T*>(args.x) + rest * args.x_image + channel * args.x_channel;
    std::int64_t y = rest * args.y_image + channel * args.y_channel;
    BRAID_UNROLL
    for (int axis = 0; axis < kPoolAxes; ++axis)
      y += places[axis] * args.axes[axis].y_stride;
    const Window window = look(args, x, places);
    const int count = args.counts_padding ? window.counted : window.inside;
    const float value = args.is_max ? window.value : window.value / static_cast<float>(count);
    static_cast<T*>(args.y)[y] = from_float<T>(value);
  }

  __device__ __forceinline__ static int take(std::int64_t& rest, int size) {
    const int index = static_cast<int>(rest % size);
    rest /= size;
    return index;
  }

  __device__ __forceinline__ static Window look(const Args& args, const T* x, const int* places) {
    Window window{args.is_max ? Maximum::neutral() : 0.0F, 0, 0};
    for (int i = 0; i < args.axes[2].kernel; ++i) {
      for (int j = 0; j < args.axes[1].kernel; ++j) {
        for (int k = 0; k < args.axes[0].kernel; ++k) {
          const int cell[kPoolAxes] = {k, j, i};
          std::int64_t from = 0;
          bool is_inside = true;
          bool is_counted = true;
          BRAID_UNROLL
          for (int n = 0; n < kPoolAxes; ++n) {
            const PoolAxis& axis = args.axes[n];
            const int at = places[n] * axis.step - axis.pad_begin + cell[n] * axis.dilation;
            is_inside = is_inside && at >= 0 && at < axis.size;
            is_counted = is_counted && at < axis.size + axis.pad_end;
            from += at * axis.x_stride;
          }
          window.counted += is_counted ? 1 : 0;
          if (!is_inside) continue;
          ++window.inside;
          const float value = to_float(x[from]);
          window.value = args.is_max ? Maximum::of(window.value, value) : window.value + value;
        }
      }
    }
    return window;
  }
};

}  // namespace braid::cuda
