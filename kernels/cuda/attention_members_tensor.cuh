#pragma once

#include "kernels/cuda/attention_scores.cuh"
#include "kernels/cuda/attention_shape.hpp"
#include "kernels/cuda/row_reduction.cuh"
#include "kernels/cuda/tensor_product.cuh"

namespace braid::cuda {

/// Attention on tensor cores. A warp has 16 queries; its sums stay in the registers of tensor
/// cores, where no lane knows which are its own: scores go through shared memory to the softmax, in
/// which two lanes share a query, and the results only to be written, or when they must shrink. For
/// that to be rare, weights are relative to a score that may lag behind the largest one.
template <class T, class Factor, class Shape>
struct AttentionMembersTensor {
  using Args = AttentionMembersArgs;
  using Stored = typename TensorFactor<Factor>::Stored;
  static constexpr int kThreads = Shape::kThreads;
  static constexpr int kBlocks = Shape::kBlocks;
  static constexpr int kQueries = Shape::kQueries;
  static constexpr int kKeys = Shape::kKeys;
  static constexpr int kSize = Shape::kSize;
  static constexpr int kWarps = kThreads / 32;
  static constexpr int kStep = TensorFactor<Factor>::kDepth;
  static constexpr int kSpace = 16 / static_cast<int>(sizeof(Stored));  // rows in different banks
  static constexpr int kPitch = kSize + kSpace;
  static constexpr int kPitchOfWeights = kKeys + kSpace;
  static constexpr int kPitchOfScores = kKeys + 4;
  static constexpr int kPieces = kSize / 16;
  static constexpr int kLaneKeys = kKeys / 2;
  static constexpr float kLag = 8.0F;  // weights of up to e^8, which half precision can hold

  struct alignas(32) Memory {
    Stored q[kQueries * kPitch];
    Stored tile[kKeys * kPitch];  // keys, then values
    Stored weights[kWarps][16 * kPitchOfWeights];
    float scores[kWarps][16 * kPitchOfScores];
  };
  static_assert(sizeof(Memory) <= 48 << 10, "more than a block has without asking for it");

  using Fragment = typename TensorFactor<Factor>::Fragment;
  using Rows = nvcuda::wmma::fragment<nvcuda::wmma::matrix_a, 16, 16, kStep, Fragment,
                                      nvcuda::wmma::row_major>;
  using Keys = nvcuda::wmma::fragment<nvcuda::wmma::matrix_b, 16, 16, kStep, Fragment,
                                      nvcuda::wmma::col_major>;
  using Values = nvcuda::wmma::fragment<nvcuda::wmma::matrix_b, 16, 16, kStep, Fragment,
                                        nvcuda::wmma::row_major>;
  using Sums = nvcuda::wmma::fragment<nvcuda::wmma::accumulator, 16, 16, kStep, float>;

  /// Of the query that two lanes share; they have the same.
  struct State {
    float base = -infinity();  // what weights are relative to
    float total = 0.0F;
    float shrink = 1.0F;  // of what the tiles before gave
  };

  __device__ __forceinline__ static int warp() { return static_cast<int>(threadIdx.x) / 32; }
  __device__ __forceinline__ static int row() { return static_cast<int>(threadIdx.x) % 32 / 2; }
  __device__ __forceinline__ static int half() { return static_cast<int>(threadIdx.x) % 2; }

  __device__ static void run(const Args& args) {
    BRAID_SHARED(Memory, memory);
    const int tiles = (args.queries + kQueries - 1) / kQueries;
    const int first = static_cast<int>(blockIdx.x) % tiles * kQueries;
    const HeadIndex index = find_head(args, static_cast<int>(blockIdx.x) / tiles);
    const HeadIndex key_index{index.member, index.batch, index.head / args.heads_per_key};
    const T* const q = head_start<T>(args.q, args.q_strides, index);
    const T* const k = head_start<T>(args.k, args.k_strides, key_index);
    const T* const v = head_start<T>(args.v, args.v_strides, key_index);
    const ScoreAddends<T> addends(args, index);

    State state;
    Sums results[kPieces];
    BRAID_UNROLL
    for (int i = 0; i < kPieces; ++i)
      nvcuda::wmma::fill_fragment(results[i], 0.0F);
    load_rows<kQueries>(memory.q, q, args.q_strides, first, args.queries, args.size);
    const int seen = first + kQueries + args.first_key;  // by the last query, if causal
    const int keys = args.is_causal && seen < args.keys ? seen : args.keys;
    for (int key = 0; key < keys; key += kKeys) {
      load_rows<kKeys>(memory.tile, k, args.k_strides, key, args.keys, args.size);
      __syncthreads();
      multiply_keys(memory);
      update(args, addends, memory, first, key, state);
      if (over_warp<Maximum>(state.shrink < 1.0F ? 1.0F : 0.0F) > 0.0F)
        scale(memory, results, state.shrink);
      __syncthreads();  // the keys have been read
      load_rows<kKeys>(memory.tile, v, args.v_strides, key, args.keys, args.value_size);
      __syncthreads();
      add_values(memory, results);
      __syncthreads();
    }
    write(args, index, first, memory, results, state);
  }

  /// Rows of a head; what is outside of it is 0.
  template <int kRows>
  __device__ __forceinline__ static void load_rows(Stored* to, const T* from,
                                                   const HeadStrides& strides, int first, int rows,
                                                   int size) {
    for (int i = static_cast<int>(threadIdx.x); i < kRows * (kSize / 4); i += kThreads) {
      const int at = i / (kSize / 4);
      const int column = i % (kSize / 4) * 4;
      const int count = first + at < rows ? size - column : 0;
      const T* const start = from + (first + at) * strides.position + column * strides.size;
      store_pack(to + at * kPitch + column, load_some(start, strides.size, count));
    }
  }

  __device__ __forceinline__ static void multiply_keys(Memory& memory) {
    BRAID_UNROLL
    for (int n = 0; n < kKeys; n += 16) {
      Sums sums;
      nvcuda::wmma::fill_fragment(sums, 0.0F);
#ifdef __CUDACC__
#pragma unroll 4
#endif
      for (int d = 0; d < kSize; d += kStep) {
        Rows q;
        Keys k;
        nvcuda::wmma::load_matrix_sync(q, memory.q + warp() * 16 * kPitch + d, kPitch);
        nvcuda::wmma::load_matrix_sync(k, memory.tile + n * kPitch + d, kPitch);
        TensorFactor<Factor>::round(q);
        TensorFactor<Factor>::round(k);
        nvcuda::wmma::mma_sync(sums, q, k, sums);
      }
      nvcuda::wmma::store_matrix_sync(memory.scores[warp()] + n, sums, kPitchOfScores,
                                      nvcuda::wmma::mem_row_major);
    }
    __syncwarp();
  }

  /// Takes the scores of a tile into the softmax, and leaves its weights in shared memory.
  __device__ __forceinline__ static void update(const Args& args, const ScoreAddends<T>& addends,
                                                Memory& memory, int first, int first_key,
                                                State& state) {
    const int query = first + warp() * 16 + row();
    const int column = half() * kLaneKeys;
    const float* const from = memory.scores[warp()] + row() * kPitchOfScores + column;
    float scores[kLaneKeys];
    float largest = -infinity();
    BRAID_UNROLL
    for (int j = 0; j < kLaneKeys; ++j) {
      scores[j] = finish_score(args, addends, query, first_key + column + j, from[j]);
      largest = fmaxf(largest, scores[j]);
    }
    largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFF, largest, 1));
    const bool grows = largest > state.base + kLag;
    state.shrink = grows ? expf(state.base - largest) : 1.0F;
    if (grows) state.base = largest;
    // Where no key has counted yet there is nothing to subtract.
    const float base = state.base == -infinity() ? 0.0F : state.base;
    Stored* const to = memory.weights[warp()] + row() * kPitchOfWeights + column;
    float total = 0.0F;
    BRAID_UNROLL
    for (int j = 0; j < kLaneKeys; ++j) {
      const float weight = expf(scores[j] - base);
      to[j] = from_float<Stored>(weight);
      total += weight;
    }
    total += __shfl_xor_sync(0xFFFFFFFF, total, 1);
    state.total = state.total * state.shrink + total;
    __syncwarp();
  }

  /// Each row of the results by the factor of its lanes.
  __device__ __forceinline__ static void scale(Memory& memory, Sums (&results)[kPieces],
                                               float factor) {
    float* const stage = memory.scores[warp()];
    BRAID_UNROLL
    for (int i = 0; i < kPieces; ++i) {
      nvcuda::wmma::store_matrix_sync(stage, results[i], kPitchOfScores,
                                      nvcuda::wmma::mem_row_major);
      __syncwarp();
      BRAID_UNROLL
      for (int j = 0; j < 8; ++j)
        stage[row() * kPitchOfScores + half() * 8 + j] *= factor;
      __syncwarp();
      nvcuda::wmma::load_matrix_sync(results[i], stage, kPitchOfScores,
                                     nvcuda::wmma::mem_row_major);
      __syncwarp();
    }
  }

  __device__ __forceinline__ static void add_values(const Memory& memory,
                                                    Sums (&results)[kPieces]) {
    BRAID_ROLL
    for (int k = 0; k < kKeys; k += kStep) {
      Rows weights;
      nvcuda::wmma::load_matrix_sync(weights, memory.weights[warp()] + k, kPitchOfWeights);
      TensorFactor<Factor>::round(weights);
      BRAID_UNROLL
      for (int i = 0; i < kPieces; ++i) {
        Values values;
        nvcuda::wmma::load_matrix_sync(values, memory.tile + k * kPitch + 16 * i, kPitch);
        TensorFactor<Factor>::round(values);
        nvcuda::wmma::mma_sync(results[i], weights, values, results[i]);
      }
    }
  }

  __device__ __forceinline__ static void write(const Args& args, HeadIndex index, int first,
                                               Memory& memory, const Sums (&results)[kPieces],
                                               const State& state) {
    T* const y = const_cast<T*>(head_start<T>(args.y, args.y_strides, index));
    float* const stage = memory.scores[warp()];
    const int query = first + warp() * 16 + row();
    const bool is_nothing = args.is_guarded && !(state.total > 0.0F);
    const float factor = 1.0F / state.total;
    BRAID_UNROLL
    for (int i = 0; i < kPieces; ++i) {
      nvcuda::wmma::store_matrix_sync(stage, results[i], kPitchOfScores,
                                      nvcuda::wmma::mem_row_major);
      __syncwarp();
      BRAID_UNROLL
      for (int j = 0; j < 8; j += 4) {
        const int column = 16 * i + half() * 8 + j;
        Floats result =
            *reinterpret_cast<const Floats*>(stage + row() * kPitchOfScores + half() * 8 + j);
        BRAID_UNROLL
        for (int n = 0; n < 4; ++n)
          result.at[n] = is_nothing ? 0.0F : result.at[n] * factor;
        if (query < args.queries && column < args.value_size)
          store_some(y + query * args.y_strides.position + column * args.y_strides.size,
                     args.y_strides.size, args.value_size - column, result);
      }
      __syncwarp();
    }
  }
};

}  // namespace braid::cuda
