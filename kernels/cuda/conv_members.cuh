#pragma once

#include "kernels/cuda/conv_members.hpp"
#include "kernels/cuda/epilogue.cuh"
#include "kernels/cuda/fast_divide.cuh"
#include "kernels/cuda/tile_place.cuh"
#include "kernels/cuda/tile_product.cuh"

namespace braid::cuda {

/// Where the window of an output pixel starts in the input; outside of it for no pixel.
template <class T>
struct Window {
  const T* image;
  int row;
  int column;

  __device__ __forceinline__ void start(const ConvMembersArgs& args, const T* x, int pixel) {
    const bool is_pixel = pixel < args.images * args.y_rows * args.y_columns;
    int y_column = is_pixel ? pixel : 0;
    int y_row = split(y_column, args.by_y_columns);
    const int index = split(y_row, args.by_y_rows);
    image = x + index * args.x_image;
    row = is_pixel ? y_row * args.row_step - args.pad_top : -(1 << 30);
    column = y_column * args.column_step - args.pad_left;
  }

  /// The first channel under a tap; null in the padding.
  __device__ __forceinline__ const T* at(const ConvMembersArgs& args, int tap) const {
    int kernel_column = tap;
    const int kernel_row = split(kernel_column, args.by_kernel_columns);
    const int x_row = row + kernel_row * args.row_dilation;
    const int x_column = column + kernel_column * args.column_dilation;
    const bool is_inside =
        x_row >= 0 && x_row < args.rows && x_column >= 0 && x_column < args.columns;
    return is_inside ? image + x_row * args.x_row + x_column * args.x_column : nullptr;
  }
};

template <class T>
__device__ __forceinline__ const T* group_start(const ConvMembersArgs& args, MatrixIndex index) {
  return static_cast<const T*>(args.x) + index.member * args.x_member +
         std::int64_t{index.batch} * args.channels * args.x_channel;
}

/// Whether four channels are a pack wherever they start.
template <class T>
__device__ __forceinline__ bool has_channel_packs(const ConvMembersArgs& args, const T* x) {
  const std::int64_t strides = args.x_image | args.x_row | args.x_column;
  return args.x_channel == 1 && args.channels % 4 == 0 && strides % 4 == 0 && is_pack_aligned(x);
}

/// Brings slices of the matrix of windows into shared memory, as StridedLoader does of another.
template <class T, class Shape>
struct WindowLoader {
  static constexpr int kDepth = Shape::kDepth;
  static constexpr int kPacks = Shape::kRows * kDepth / (4 * Shape::kThreads);

  const ConvMembersArgs& args;
  int depth_size;
  bool is_packed;
  Window<T> windows[kPacks];
  Floats packs[kPacks];

  __device__ __forceinline__ WindowLoader(const ConvMembersArgs& conv, const T* x, int first_pixel)
      : args(conv),
        depth_size(conv.kernel_rows * conv.kernel_columns * conv.channels),
        is_packed(has_channel_packs(conv, x)) {
    BRAID_UNROLL
    for (int i = 0; i < kPacks; ++i)
      windows[i].start(conv, x, first_pixel + row_of(i));
  }

  __device__ __forceinline__ static int row_of(int pack) {
    return (static_cast<int>(threadIdx.x) + pack * Shape::kThreads) / (kDepth / 4);
  }
  __device__ __forceinline__ static int depth_of(int pack) {
    return (static_cast<int>(threadIdx.x) + pack * Shape::kThreads) % (kDepth / 4) * 4;
  }

  __device__ __forceinline__ void fetch(int start) {
    BRAID_UNROLL
    for (int i = 0; i < kPacks; ++i) {
      const int depth = start + depth_of(i);
      packs[i] = {};
      if (is_packed) {
        int channel = depth;
        const int tap = split(channel, args.by_channels);
        const T* const from = depth < depth_size ? windows[i].at(args, tap) : nullptr;
        if (from != nullptr) packs[i] = load_pack(from + channel);
        continue;
      }
      BRAID_UNROLL
      for (int k = 0; k < 4; ++k) {
        int channel = depth + k;
        const int tap = split(channel, args.by_channels);
        const T* const from = depth + k < depth_size ? windows[i].at(args, tap) : nullptr;
        if (from != nullptr) packs[i].at[k] = to_float(from[channel * args.x_channel]);
      }
    }
  }

  template <bool kIsDepthFirst, class S>
  __device__ __forceinline__ void store(S* to, int pitch) const {
    BRAID_UNROLL
    for (int i = 0; i < kPacks; ++i)
      store_slice_pack<kIsDepthFirst>(to, pitch, true, row_of(i), depth_of(i), packs[i]);
  }
};

template <class T, class Product>
struct ConvMembers {
  using Shape = typename Product::Shape;
  using Args = ConvMembersArgs;
  static constexpr int kThreads = Product::kThreads;
  static constexpr int kBlocks = Product::kBlocks;

  __device__ static void run(const Args& args) {
    BRAID_SHARED(typename Product::Memory, memory);
    const int pixels = args.images * args.y_rows * args.y_columns;
    const TilePlace<Shape> place(pixels, args.filters);
    const MatrixIndex index{place.matrix / args.groups, place.matrix % args.groups};

    const T* const w = static_cast<const T*>(args.w) + matrix_offset(args.w_strides, index);
    WindowLoader<T, Shape> load_x(args, group_start<T>(args, index), place.row);
    StridedLoader<T, Shape, Shape::kColumns> load_w(w, args.w_strides.column, args.w_strides.row,
                                                    place.column, args.filters, load_x.depth_size);
    Product product;
    product.run(memory, load_x, load_w, load_x.depth_size);
    product.write(memory, EpilogueWriter<T>(args.epilogue, args.y, args.y_strides, index),
                  place.row, place.column, pixels, args.filters);
  }
};

/// A thread computes four filters of kPixels pixels that follow each other: each weight it loads
/// serves all of these, each input four filters, and the caches serve the threads of a group.
template <class T, int kPixels>
struct ConvDirect {
  using Args = ConvMembersArgs;
  static constexpr int kThreads = 128;
  static constexpr int kBlocks = 4;

  __device__ static void run(const Args& args) {
    const int pixels = args.images * args.y_rows * args.y_columns;
    const int packs = (args.filters + 3) / 4;
    std::int64_t rest = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    const int filter = static_cast<int>(rest % packs) * 4;
    rest /= packs;
    const int group = static_cast<int>(rest % args.groups);
    rest /= args.groups;
    const int runs = (pixels + kPixels - 1) / kPixels;
    const int pixel = static_cast<int>(rest % runs) * kPixels;
    rest /= runs;
    if (rest >= args.members) return;
    const MatrixIndex index{static_cast<int>(rest), group};
    Floats sums[kPixels];
    add_taps(args, index, filter, pixel, sums);
    const EpilogueWriter<T> writer(args.epilogue, args.y, args.y_strides, index);
    BRAID_UNROLL
    for (int i = 0; i < kPixels; ++i)
      if (pixel + i < pixels) writer.write(pixel + i, filter, args.filters - filter, sums[i]);
  }

  __device__ __forceinline__ static void add_taps(const Args& args, MatrixIndex index, int filter,
                                                  int pixel, Floats* sums) {
    const T* const x = group_start<T>(args, index);
    const T* w = static_cast<const T*>(args.w) + matrix_offset(args.w_strides, index) +
                 filter * args.w_strides.column;
    Window<T> windows[kPixels];
    BRAID_UNROLL
    for (int i = 0; i < kPixels; ++i) {
      windows[i].start(args, x, pixel + i);
      sums[i] = {};
    }
    for (int tap = 0; tap < args.kernel_rows * args.kernel_columns; ++tap) {
      const T* from[kPixels];
      BRAID_UNROLL
      for (int i = 0; i < kPixels; ++i)
        from[i] = windows[i].at(args, tap);
      for (int c = 0; c < args.channels; c += 4, w += 4 * args.w_strides.row)
        add_channels(args, w, args.filters - filter, from, c, sums);
      w -= (args.channels + 3) / 4 * 4 * args.w_strides.row;
      w += args.channels * args.w_strides.row;
    }
  }

  // Four channels under one tap.
  __device__ __forceinline__ static void add_channels(const Args& args, const T* w, int filters,
                                                      const T* const* from, int channel,
                                                      Floats* sums) {
    const int channels = args.channels - channel;
    Floats weights[4];
    BRAID_UNROLL
    for (int k = 0; k < 4; ++k)
      weights[k] =
          load_some(w + k * args.w_strides.row, args.w_strides.column, k < channels ? filters : 0);
    BRAID_UNROLL
    for (int i = 0; i < kPixels; ++i) {
      if (from[i] == nullptr) continue;
      const Floats x = load_some(from[i] + channel * args.x_channel, args.x_channel, channels);
      BRAID_UNROLL
      for (int k = 0; k < 4; ++k) {
        BRAID_UNROLL
        for (int j = 0; j < 4; ++j)
          sums[i].at[j] += x.at[k] * weights[k].at[j];
      }
    }
  }
};

/// A thread computes four channels of a pixel. Groups are the columns of what is written.
template <class T>
struct ConvDepthwise {
  using Args = ConvMembersArgs;
  static constexpr int kThreads = 128;
  static constexpr int kBlocks = 8;

  __device__ static void run(const Args& args) {
    const int pixels = args.images * args.y_rows * args.y_columns;
    const int packs = (args.groups + 3) / 4;
    std::int64_t rest = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    const int channel = static_cast<int>(rest % packs) * 4;
    rest /= packs;
    const int pixel = static_cast<int>(rest % pixels);
    rest /= pixels;
    if (rest >= args.members) return;
    const MatrixIndex index{static_cast<int>(rest), 0};
    Window<T> window;
    window.start(args, group_start<T>(args, index), pixel);
    const T* const w =
        static_cast<const T*>(args.w) + matrix_offset(args.w_strides, index) + channel;
    const int count = args.groups - channel;
    Floats sums{};
    for (int tap = 0; tap < args.kernel_rows * args.kernel_columns; ++tap) {
      const T* const from = window.at(args, tap);
      if (from == nullptr) continue;
      const Floats x = load_some(from + channel * args.x_channel, args.x_channel, count);
      const Floats weight = load_some(w + tap * args.w_strides.row, 1, count);
      BRAID_UNROLL
      for (int i = 0; i < 4; ++i)
        sums.at[i] += x.at[i] * weight.at[i];
    }
    const EpilogueWriter<T> writer(args.epilogue, args.y, args.y_strides, index);
    writer.write(pixel, channel, count, sums);
  }
};

}  // namespace braid::cuda
