#pragma once

#include "kernels/cuda/resize.hpp"
#include "kernels/cuda/scalar.cuh"
#include "kernels/cuda/take_index.cuh"

namespace braid::cuda {

/// A pixel of the result and its channel.
struct ResizedPixel {
  std::int64_t x;  // offset of the image's channel
  std::int64_t y;  // offset of the pixel
  int plane;
  int row;
  int column;
  bool exists;

  /// Neighbouring threads take neighbouring channels if these are adjacent, else neighbouring
  /// pixels.
  __device__ __forceinline__ ResizedPixel(const ResizeArgs& args, unsigned rest) {
    int channel = 0;
    if (args.x_channel == 1) channel = take_index(rest, args.channels);
    column = take_index(rest, args.columns.y_size);
    row = take_index(rest, args.rows.y_size);
    plane = take_index(rest, args.planes.y_size);
    if (args.x_channel != 1) channel = take_index(rest, args.channels);
    const auto image = static_cast<int>(rest);
    exists = image < args.images;
    x = image * args.x_image + channel * args.x_channel;
    y = image * args.y_image + channel * args.y_channel + plane * args.planes.y_stride +
        row * args.rows.y_stride + column * args.columns.y_stride;
  }
};

/// Where tap `i` of a pixel lies along an axis.
__device__ __forceinline__ std::int64_t offset_of_tap(const ResizeAxis& axis, int pixel, int i) {
  return axis.indices == nullptr ? 0 : axis.indices[pixel * axis.taps + i] * axis.x_stride;
}

__device__ __forceinline__ float weight_of_tap(const ResizeAxis& axis, int pixel, int i) {
  return axis.weights == nullptr ? 1.0F : axis.weights[pixel * axis.taps + i];
}

/// One result per thread.
template <class T>
struct Resize {
  using Args = ResizeArgs;
  static constexpr int kThreads = 128;
  static constexpr int kBlocks = 8;

  __device__ static void run(const Args& args) {
    const ResizedPixel pixel(args, blockIdx.x * kThreads + threadIdx.x);
    if (!pixel.exists) return;
    const T* const x = static_cast<const T*>(args.x) + pixel.x;
    float sum = 0.0F;
    for (int i = 0; i < args.planes.taps; ++i)
      sum += weight_of_tap(args.planes, pixel.plane, i) *
             of_plane(args, x + offset_of_tap(args.planes, pixel.plane, i), pixel);
    static_cast<T*>(args.y)[pixel.y] = from_float<T>(sum);
  }

  __device__ __forceinline__ static float of_plane(const Args& args, const T* x,
                                                   const ResizedPixel& pixel) {
    float sum = 0.0F;
    for (int i = 0; i < args.rows.taps; ++i) {
      const T* const from = x + offset_of_tap(args.rows, pixel.row, i);
      float of_row = 0.0F;
      for (int j = 0; j < args.columns.taps; ++j)
        of_row += weight_of_tap(args.columns, pixel.column, j) *
                  to_float(from[offset_of_tap(args.columns, pixel.column, j)]);
      sum += weight_of_tap(args.rows, pixel.row, i) * of_row;
    }
    return sum;
  }
};

/// One result per thread. T is of the element's size.
template <class T>
struct ResizeNearest {
  using Args = ResizeArgs;
  static constexpr int kThreads = 128;
  static constexpr int kBlocks = 8;

  __device__ static void run(const Args& args) {
    const ResizedPixel pixel(args, blockIdx.x * kThreads + threadIdx.x);
    if (!pixel.exists) return;
    static_cast<T*>(args.y)[pixel.y] =
        static_cast<const T*>(args.x)[pixel.x + offset_of_tap(args.planes, pixel.plane, 0) +
                                      offset_of_tap(args.rows, pixel.row, 0) +
                                      offset_of_tap(args.columns, pixel.column, 0)];
  }
};

}  // namespace braid::cuda
