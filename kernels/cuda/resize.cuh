#pragma once

#include "kernels/cuda/resize.hpp"
#include "kernels/cuda/scalar.cuh"

namespace braid::cuda {

/// One result per thread: neighbours take neighbouring channels if these are adjacent, else
/// neighbouring pixels.
template <class T>
struct Resize {
  using Args = ResizeArgs;
  static constexpr int kThreads = 128;
  static constexpr int kBlocks = 8;

  __device__ static void run(const Args& args) {
    std::int64_t rest = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    int channel = 0;
    if (args.x_channel == 1) channel = take(rest, args.channels);
    const int column = take(rest, args.columns.y_size);
    const int row = take(rest, args.rows.y_size);
    if (args.x_channel != 1) channel = take(rest, args.channels);
    if (rest >= args.images) return;
    const T* const x =
        static_cast<const T*>(args.x) + rest * args.x_image + channel * args.x_channel;
    float sum = 0.0F;
    for (int i = 0; i < args.rows.taps; ++i) {
      const int r = row * args.rows.taps + i;
      const T* const from = x + args.rows.indices[r] * args.rows.x_stride;
      float of_row = 0.0F;
      for (int j = 0; j < args.columns.taps; ++j) {
        const int c = column * args.columns.taps + j;
        of_row += args.columns.weights[c] *
                  to_float(from[args.columns.indices[c] * args.columns.x_stride]);
      }
      sum += args.rows.weights[r] * of_row;
    }
    const std::int64_t y = rest * args.y_image + channel * args.y_channel +
                           row * args.rows.y_stride + column * args.columns.y_stride;
    static_cast<T*>(args.y)[y] = from_float<T>(sum);
  }

  __device__ __forceinline__ static int take(std::int64_t& rest, int size) {
    const int index = static_cast<int>(rest % size);
    rest /= size;
    return index;
  }
};

}  // namespace braid::cuda
