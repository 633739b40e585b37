#pragma once

#include "kernels/cuda/scalar.cuh"
#include "kernels/cuda/tensor_shape.hpp"
#include "kernels/cuda/tile_loader.cuh"
#ifdef __CUDACC__
#include <mma.h>
#else
#include "kernels/cuda/emulator/wmma.hpp"
#endif

/// The product of two matrices on tensor cores, with the same loaders and writers as TileProduct:
/// factors are rounded to half, bfloat16 or tf32, sums are in float.
namespace braid::cuda {

/// Stands for float, rounded to tf32.
struct TensorFloat32 {};

/// What factors are in shared memory, and how deep one instruction goes.
template <class Factor>
struct TensorFactor {
  using Stored = Factor;
  using Fragment = Factor;
  static constexpr int kDepth = 16;

  template <class Part>
  __device__ __forceinline__ static void round(Part&) {}
};

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
// In shared memory it is float, and rounded where it is used.
template <>
struct TensorFactor<TensorFloat32> {
  using Stored = float;
  using Fragment = nvcuda::wmma::precision::tf32;
  static constexpr int kDepth = 8;

  template <class Part>
  __device__ __forceinline__ static void round(Part& part) {
    for (auto& element : part.x)
      element = nvcuda::wmma::__float_to_tf32(element);
  }
};
#endif

/// The kernel K on architectures that have its instructions; on others it traps.
template <class A, class Shape, int kArchitecture, class K>
struct OnTensorCores {
  using Args = A;
  static constexpr int kThreads = Shape::kThreads;
  static constexpr int kBlocks = Shape::kBlocks;

  __device__ static void run(const Args& args) {
#ifdef __CUDA_ARCH__
    if constexpr (__CUDA_ARCH__ < kArchitecture) {
      __trap();
    } else {
      K::run(args);
    }
#else
    K::run(args);
#endif
  }
};

template <class Factor, class S>
struct TensorProduct {
  using Shape = S;
  using Stored = typename TensorFactor<Factor>::Stored;
  static constexpr int kThreads = Shape::kThreads;
  static constexpr int kBlocks = Shape::kBlocks;
  static constexpr int kStep = TensorFactor<Factor>::kDepth;
  // Elements that keep rows apart in the banks, and aligned.
  static constexpr int kSpace = 16 / static_cast<int>(sizeof(Stored));
  static constexpr int kPitchA = Shape::kDepth + kSpace;
  static constexpr int kPitchB = Shape::kColumns + kSpace;
  static constexpr int kDown = Shape::kWarpRows / 16;
  static constexpr int kAcross = Shape::kWarpColumns / 16;
  static constexpr int kPitchOfSums = 20;

  struct alignas(32) Slice {
    Stored a[Shape::kRows * kPitchA];
    Stored b[Shape::kDepth * kPitchB];
  };
  struct alignas(32) Memory {
    Slice slices[2];
  };
  static_assert(sizeof(Memory) <= 48 << 10, "more than a block has without asking for it");
  static_assert(sizeof(Memory) >= kThreads / 32 * 16 * kPitchOfSums * sizeof(float),
                "each warp finds room for 16 x 16 sums");

  using Fragment = typename TensorFactor<Factor>::Fragment;
  using A = nvcuda::wmma::fragment<nvcuda::wmma::matrix_a, 16, 16, kStep, Fragment,
                                   nvcuda::wmma::row_major>;
  using B = nvcuda::wmma::fragment<nvcuda::wmma::matrix_b, 16, 16, kStep, Fragment,
                                   nvcuda::wmma::row_major>;
  using Sums = nvcuda::wmma::fragment<nvcuda::wmma::accumulator, 16, 16, kStep, float>;
  Sums sums[kDown][kAcross];

  __device__ __forceinline__ static int warp() { return static_cast<int>(threadIdx.x) / 32; }
  __device__ __forceinline__ static int first_row() {
    return warp() / Shape::kWarpsAcross * Shape::kWarpRows;
  }
  __device__ __forceinline__ static int first_column() {
    return warp() % Shape::kWarpsAcross * Shape::kWarpColumns;
  }

  /// The sums over depths 0 to `depth`.
  template <class LoaderA, class LoaderB>
  __device__ __forceinline__ void run(Memory& memory, LoaderA& a, LoaderB& b, int depth) {
    BRAID_UNROLL
    for (int i = 0; i < kDown; ++i) {
      BRAID_UNROLL
      for (int j = 0; j < kAcross; ++j)
        nvcuda::wmma::fill_fragment(sums[i][j], 0.0F);
    }
    a.fetch(0);
    b.fetch(0);
    store(memory.slices[0], a, b);
    __syncthreads();
    int stage = 0;
    for (int start = Shape::kDepth; start < depth; start += Shape::kDepth) {
      a.fetch(start);
      b.fetch(start);
      multiply(memory.slices[stage]);
      stage ^= 1;
      store(memory.slices[stage], a, b);
      __syncthreads();
    }
    multiply(memory.slices[stage]);
    __syncthreads();  // write() uses the memory for sums
  }

  template <class LoaderA, class LoaderB>
  __device__ __forceinline__ static void store(Slice& slice, const LoaderA& a, const LoaderB& b) {
    a.template store<false>(slice.a, kPitchA);
    b.template store<true>(slice.b, kPitchB);
  }

  __device__ __forceinline__ void multiply(const Slice& slice) {
    BRAID_UNROLL
    for (int d = 0; d < Shape::kDepth; d += kStep) {
      A a[kDown];
      B b[kAcross];
      BRAID_UNROLL
      for (int i = 0; i < kDown; ++i) {
        nvcuda::wmma::load_matrix_sync(a[i], slice.a + (first_row() + 16 * i) * kPitchA + d,
                                       kPitchA);
        TensorFactor<Factor>::round(a[i]);
      }
      BRAID_UNROLL
      for (int j = 0; j < kAcross; ++j) {
        nvcuda::wmma::load_matrix_sync(b[j], slice.b + d * kPitchB + first_column() + 16 * j,
                                       kPitchB);
        TensorFactor<Factor>::round(b[j]);
      }
      BRAID_UNROLL
      for (int i = 0; i < kDown; ++i) {
        BRAID_UNROLL
        for (int j = 0; j < kAcross; ++j)
          nvcuda::wmma::mma_sync(sums[i][j], a[i], b[j], sums[i][j]);
      }
    }
  }

  /// Gives `writer` what lies inside a matrix of `rows` and `columns`. Which lane has which sum is
  /// the hardware's secret: they go through shared memory. The loops are kept, as the writer is
  /// long.
  template <class Writer>
  __device__ __forceinline__ void write(Memory& memory, const Writer& writer, int row, int column,
                                        int rows, int columns) const {
    float* const stage = reinterpret_cast<float*>(&memory) + warp() * 16 * kPitchOfSums;
    const int lane = static_cast<int>(threadIdx.x) % 32;
    BRAID_ROLL
    for (int piece = 0; piece < kDown * kAcross; ++piece) {
      store_sums(stage, piece);
      __syncwarp();
      BRAID_ROLL
      for (int pack = lane; pack < 64; pack += 32) {
        const int r = row + first_row() + piece / kAcross * 16 + pack / 4;
        const int c = column + first_column() + piece % kAcross * 16 + pack % 4 * 4;
        const float* const from = stage + pack / 4 * kPitchOfSums + pack % 4 * 4;
        if (r < rows && c < columns)
          writer.write(r, c, columns - c, *reinterpret_cast<const Floats*>(from));
      }
      __syncwarp();
    }
  }

  // Registers cannot be indexed: all are looked at, and one piece is stored.
  __device__ __forceinline__ void store_sums(float* to, int piece) const {
    BRAID_UNROLL
    for (int i = 0; i < kDown; ++i) {
      BRAID_UNROLL
      for (int j = 0; j < kAcross; ++j)
        if (i * kAcross + j == piece)
          nvcuda::wmma::store_matrix_sync(to, sums[i][j], kPitchOfSums,
                                          nvcuda::wmma::mem_row_major);
    }
  }
};

}  // namespace braid::cuda
