#pragma once

#include "kernels/cuda/activation.cuh"
#include "kernels/cuda/columns.hpp"
#include "kernels/cuda/scalar.cuh"
#include "kernels/cuda/take_index.cuh"

namespace braid::cuda {

/// One element of the columns per thread, in their order. T is of the element's size.
template <class T>
struct GatherColumns {
  using Args = ColumnsArgs;
  static constexpr int kThreads = 128;
  static constexpr int kBlocks = 8;

  __device__ static void run(const Args& args) {
    const unsigned thread = blockIdx.x * kThreads + threadIdx.x;
    unsigned rest = thread;
    const int channel = take_index(rest, args.channels);
    int taps[kColumnAxes];
    BRAID_UNROLL
    for (int axis = 0; axis < kColumnAxes; ++axis)
      taps[axis] = take_index(rest, args.axes[axis].kernel);
    const int group = take_index(rest, args.groups);
    std::int64_t from = (std::int64_t{group} * args.channels + channel) * args.channel;
    bool is_inside = true;
    BRAID_UNROLL
    for (int n = 0; n < kColumnAxes; ++n) {
      const ColumnAxis& axis = args.axes[n];
      const int pixel =
          take_index(rest, axis.places) * axis.step - axis.pad + taps[n] * axis.dilation;
      is_inside = is_inside && pixel >= 0 && pixel < axis.size;
      from += pixel * axis.stride;
    }
    const auto image = static_cast<int>(rest);
    if (image >= args.images) return;
    from += image * args.image;
    static_cast<T*>(args.to)[thread] = is_inside ? static_cast<const T*>(args.from)[from] : T{};
  }
};

/// One pixel of a channel per thread.
template <class T>
struct SumColumns {
  using Args = ColumnsArgs;
  static constexpr int kThreads = 128;
  static constexpr int kBlocks = 8;

  __device__ static void run(const Args& args) {
    unsigned rest = blockIdx.x * kThreads + threadIdx.x;
    const int channel = take_index(rest, args.channels);
    const int group = take_index(rest, args.groups);
    int pixel[kColumnAxes];
    std::int64_t to = 0;
    BRAID_UNROLL
    for (int axis = 0; axis < kColumnAxes; ++axis) {
      pixel[axis] = take_index(rest, args.axes[axis].size);
      to += pixel[axis] * args.axes[axis].stride;
    }
    const auto image = static_cast<int>(rest);
    if (image >= args.images) return;
    const int filter = group * args.channels + channel;
    float value = sum(args, image, group, channel, pixel);
    if (args.bias != nullptr) {
      const int member = image / args.images_per_member;
      value += to_float(static_cast<const T*>(args.bias)[member * args.bias_member + filter]);
    }
    static_cast<T*>(args.to)[to + image * args.image + filter * args.channel] =
        from_float<T>(activate(args.activation, value, args.a, args.b));
  }

  /// The place whose tap names the pixel along an axis, or -1.
  __device__ __forceinline__ static int place_of(const ColumnAxis& axis, int pixel, int tap) {
    const int first = pixel + axis.pad - tap * axis.dilation;
    const int place = first / axis.step;
    return first >= 0 && place * axis.step == first && place < axis.places ? place : -1;
  }

  __device__ __forceinline__ static float sum(const Args& args, std::int64_t image, int group,
                                              int channel, const int* pixel) {
    const ColumnAxis* const axes = args.axes;
    const int taps = axes[0].kernel * axes[1].kernel * axes[2].kernel;
    const T* const columns = static_cast<const T*>(args.from) + channel;
    float total = 0.0F;
    for (int i = 0; i < axes[2].kernel; ++i) {
      const int plane = place_of(axes[2], pixel[2], i);
      if (plane < 0) continue;
      for (int j = 0; j < axes[1].kernel; ++j) {
        const int row = place_of(axes[1], pixel[1], j);
        if (row < 0) continue;
        for (int k = 0; k < axes[0].kernel; ++k) {
          const int column = place_of(axes[0], pixel[0], k);
          if (column < 0) continue;
          const std::int64_t place =
              ((image * axes[2].places + plane) * axes[1].places + row) * axes[0].places + column;
          const int tap = (i * axes[1].kernel + j) * axes[0].kernel + k;
          const std::int64_t at = ((place * args.groups + group) * taps + tap) * args.channels;
          total += to_float(columns[at]);
        }
      }
    }
    return total;
  }
};

}  // namespace braid::cuda
