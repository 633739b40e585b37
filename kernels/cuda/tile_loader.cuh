#pragma once

#include "kernels/cuda/scalar.cuh"

/// How slices of the factors of a matrix product come from memory into the shared memory of a
/// block: fetch() starts to load one into registers, store() puts it where the product finds it.
namespace braid::cuda {

/// Stores four elements of a slice that follow each other along the depth, or across it.
template <bool kIsDepthFirst, class S>
__device__ __forceinline__ void store_slice_pack(S* to, int pitch, bool is_along_depth, int outer,
                                                 int depth, const Floats& value) {
  S* const at = kIsDepthFirst ? to + depth * pitch + outer : to + outer * pitch + depth;
  if (is_along_depth != kIsDepthFirst) {
    store_pack(at, value);
    return;
  }
  BRAID_UNROLL
  for (int k = 0; k < 4; ++k)
    at[k * pitch] = from_float<S>(value.at[k]);
}

/// Brings slices of a matrix, kOuter x kDepth, into shared memory, where the depth comes first.
/// What is outside of the matrix is 0.
template <class T, class Shape, int kOuter>
struct StridedLoader {
  static constexpr int kDepth = Shape::kDepth;
  static constexpr int kPacks = kOuter * kDepth / (4 * Shape::kThreads);
  static_assert(kPacks * 4 * Shape::kThreads == kOuter * kDepth, "each thread loads as much");

  const T* at[kPacks];        // of the slice that fetch() loads next
  std::int64_t slice_stride;  // from one slice to the next
  std::int64_t step;          // between the elements of a pack
  int outer_size;
  int depth_size;
  bool is_along_depth;  // whether a pack is of consecutive depths
  bool is_packed;       // whether packs can be loaded as such
  Floats packs[kPacks];

  /// `first` is the outer index at which the tile starts.
  __device__ __forceinline__ StridedLoader(const T* matrix, std::int64_t outer_stride,
                                           std::int64_t depth_stride, int first, int outer,
                                           int depth)
      : slice_stride(kDepth * depth_stride),
        step(depth_stride == 1 ? 1 : outer_stride),
        outer_size(outer - first),
        depth_size(depth),
        is_along_depth(depth_stride == 1) {
    const T* const start = matrix + first * outer_stride;
    const std::int64_t across = is_along_depth ? outer_stride : depth_stride;
    is_packed = step == 1 && across % 4 == 0 && is_pack_aligned(start);
    BRAID_UNROLL
    for (int i = 0; i < kPacks; ++i)
      at[i] = start + outer_of(i) * outer_stride + depth_of(i) * depth_stride;
  }

  __device__ __forceinline__ int outer_of(int pack) const {
    const int index = static_cast<int>(threadIdx.x) + pack * Shape::kThreads;
    return is_along_depth ? index / (kDepth / 4) : index % (kOuter / 4) * 4;
  }

  __device__ __forceinline__ int depth_of(int pack) const {
    const int index = static_cast<int>(threadIdx.x) + pack * Shape::kThreads;
    return is_along_depth ? index % (kDepth / 4) * 4 : index / (kOuter / 4);
  }

  /// Starts to load the slice at `start`; slices are loaded one after the other, from 0.
  __device__ __forceinline__ void fetch(int start) {
    BRAID_UNROLL
    for (int i = 0; i < kPacks; ++i) {
      const int outer = outer_of(i);
      const int depth = start + depth_of(i);
      const int count = is_along_depth ? (outer < outer_size ? depth_size - depth : 0)
                                       : (depth < depth_size ? outer_size - outer : 0);
      if (count >= 4 && is_packed) {
        packs[i] = load_pack(at[i]);
      } else {
        BRAID_UNROLL
        for (int k = 0; k < 4; ++k)
          packs[i].at[k] = k < count ? to_float(at[i][k * step]) : 0.0F;
      }
      at[i] += slice_stride;
    }
  }

  /// To where the depth comes first, or last.
  template <bool kIsDepthFirst, class S>
  __device__ __forceinline__ void store(S* to, int pitch) const {
    BRAID_UNROLL
    for (int i = 0; i < kPacks; ++i)
      store_slice_pack<kIsDepthFirst>(to, pitch, is_along_depth, outer_of(i), depth_of(i),
                                      packs[i]);
  }
};

}  // namespace braid::cuda
