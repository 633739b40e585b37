#pragma once

#include "kernels/cuda/attention_scores.cuh"
#include "kernels/cuda/attention_shape.hpp"
#include "kernels/cuda/scalar.cuh"

namespace braid::cuda {

/// A block takes kQueries queries of a head. Its threads form kThreadsDown rows of 8: thread (i, j)
/// has the scores of queries i, i + kThreadsDown, ... with keys j, j + 8, ..., and of the results
/// of these queries the packs j, j + 8, ... A row of 8 is part of one warp, so that what belongs
/// to a query stays inside of it.
template <class T, class Shape>
struct AttentionMembers {
  using Args = AttentionMembersArgs;
  static constexpr int kThreads = Shape::kThreads;
  static constexpr int kBlocks = Shape::kBlocks;
  static constexpr int kQueries = Shape::kQueries;
  static constexpr int kKeys = Shape::kKeys;
  static constexpr int kSize = Shape::kSize;
  static constexpr int kDown = Shape::kThreadsDown;
  static constexpr int kThreadQueries = kQueries / kDown;
  static constexpr int kThreadKeys = kKeys / 8;
  static constexpr int kThreadPacks = (kSize / 4 + 7) / 8;
  static constexpr int kPitch = kSize + 4;  // rows start in different banks

  struct Memory {
    float q[kQueries][kPitch];
    float keys[kKeys][kPitch];  // then the values of the same tile
    float weights[kQueries][kKeys + 4];
  };

  struct State {
    float largest[kThreadQueries];
    float total[kThreadQueries];
    Floats results[kThreadQueries][kThreadPacks];
  };

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
    start(state);
    load_rows<kQueries>(memory.q, q, args.q_strides, first, args.queries, args.size);
    const int seen = first + kQueries + args.first_key;  // by the last query, if causal
    const int keys = args.is_causal && seen < args.keys ? seen : args.keys;
    for (int key = 0; key < keys; key += kKeys) {
      load_rows<kKeys>(memory.keys, k, args.k_strides, key, args.keys, args.size);
      __syncthreads();
      float scores[kThreadQueries][kThreadKeys];
      multiply_keys(memory, scores);
      finish_scores(args, addends, first, key, scores);
      update(memory, state, scores);
      __syncthreads();  // the keys have been read, the weights written
      load_rows<kKeys>(memory.keys, v, args.v_strides, key, args.keys, args.value_size);
      __syncthreads();
      add_values(memory, state);
      __syncthreads();
    }
    write(args, index, first, state);
  }

  __device__ __forceinline__ static int down() { return static_cast<int>(threadIdx.x) / 8; }
  __device__ __forceinline__ static int across() { return static_cast<int>(threadIdx.x) % 8; }

  __device__ __forceinline__ static void start(State& state) {
    BRAID_UNROLL
    for (int i = 0; i < kThreadQueries; ++i) {
      state.largest[i] = -infinity();
      state.total[i] = 0.0F;
      BRAID_UNROLL
      for (int p = 0; p < kThreadPacks; ++p)
        state.results[i][p] = {};
    }
  }

  /// Rows of a head; what is outside of it is 0.
  template <int kRows>
  __device__ __forceinline__ static void load_rows(float (*to)[kPitch], const T* from,
                                                   const HeadStrides& strides, int first, int rows,
                                                   int size) {
    for (int i = static_cast<int>(threadIdx.x); i < kRows * (kSize / 4); i += kThreads) {
      const int row = i / (kSize / 4);
      const int column = i % (kSize / 4) * 4;
      const int count = first + row < rows ? size - column : 0;
      const T* const at = from + (first + row) * strides.position + column * strides.size;
      *reinterpret_cast<Floats*>(&to[row][column]) = load_some(at, strides.size, count);
    }
  }

  __device__ __forceinline__ static void multiply_keys(const Memory& memory,
                                                       float (*scores)[kThreadKeys]) {
    BRAID_UNROLL
    for (int i = 0; i < kThreadQueries; ++i) {
      BRAID_UNROLL
      for (int j = 0; j < kThreadKeys; ++j)
        scores[i][j] = 0.0F;
    }
#ifdef __CUDACC__
#pragma unroll 4
#endif
    for (int d = 0; d < kSize; d += 4) {
      Floats q[kThreadQueries];
      BRAID_UNROLL
      for (int i = 0; i < kThreadQueries; ++i)
        q[i] = *reinterpret_cast<const Floats*>(&memory.q[down() + i * kDown][d]);
      BRAID_UNROLL
      for (int j = 0; j < kThreadKeys; ++j) {
        const Floats key = *reinterpret_cast<const Floats*>(&memory.keys[across() + j * 8][d]);
        BRAID_UNROLL
        for (int i = 0; i < kThreadQueries; ++i) {
          BRAID_UNROLL
          for (int n = 0; n < 4; ++n)
            scores[i][j] += q[i].at[n] * key.at[n];
        }
      }
    }
  }

  __device__ __forceinline__ static void finish_scores(const Args& args,
                                                       const ScoreAddends<T>& addends, int first,
                                                       int first_key,
                                                       float (*scores)[kThreadKeys]) {
    BRAID_UNROLL
    for (int i = 0; i < kThreadQueries; ++i) {
      const int query = first + down() + i * kDown;
      BRAID_UNROLL
      for (int j = 0; j < kThreadKeys; ++j) {
        const int key = first_key + across() + j * 8;
        scores[i][j] = finish_score(args, addends, query, key, scores[i][j]);
      }
    }
  }

  /// Takes the scores of a tile into the softmax, and leaves its weights in shared memory.
  __device__ __forceinline__ static void update(Memory& memory, State& state,
                                                const float (*scores)[kThreadKeys]) {
    BRAID_UNROLL
    for (int i = 0; i < kThreadQueries; ++i) {
      float largest = scores[i][0];
      BRAID_UNROLL
      for (int j = 1; j < kThreadKeys; ++j)
        largest = fmaxf(largest, scores[i][j]);
      BRAID_UNROLL
      for (int mask = 4; mask > 0; mask /= 2)
        largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFF, largest, mask));
      largest = fmaxf(largest, state.largest[i]);
      // Where no key has counted yet there is nothing to subtract.
      const float base = largest == -infinity() ? 0.0F : largest;
      const float shrink = expf(state.largest[i] - base);
      state.largest[i] = largest;
      float total = 0.0F;
      BRAID_UNROLL
      for (int j = 0; j < kThreadKeys; ++j) {
        const float weight = expf(scores[i][j] - base);
        memory.weights[down() + i * kDown][across() + j * 8] = weight;
        total += weight;
      }
      BRAID_UNROLL
      for (int mask = 4; mask > 0; mask /= 2)
        total += __shfl_xor_sync(0xFFFFFFFF, total, mask);
      state.total[i] = state.total[i] * shrink + total;
      BRAID_UNROLL
      for (int p = 0; p < kThreadPacks; ++p) {
        BRAID_UNROLL
        for (int n = 0; n < 4; ++n)
          state.results[i][p].at[n] *= shrink;
      }
    }
  }

  __device__ __forceinline__ static void add_values(const Memory& memory, State& state) {
#ifdef __CUDACC__
#pragma unroll 2
#endif
    for (int key = 0; key < kKeys; key += 4) {
      Floats weights[kThreadQueries];
      BRAID_UNROLL
      for (int i = 0; i < kThreadQueries; ++i)
        weights[i] = *reinterpret_cast<const Floats*>(&memory.weights[down() + i * kDown][key]);
      BRAID_UNROLL
      for (int n = 0; n < 4; ++n) {
        BRAID_UNROLL
        for (int p = 0; p < kThreadPacks; ++p) {
          const int column = (across() + p * 8) * 4;
          if (column >= kSize) continue;
          const Floats value = *reinterpret_cast<const Floats*>(&memory.keys[key + n][column]);
          BRAID_UNROLL
          for (int i = 0; i < kThreadQueries; ++i) {
            BRAID_UNROLL
            for (int m = 0; m < 4; ++m)
              state.results[i][p].at[m] += weights[i].at[n] * value.at[m];
          }
        }
      }
    }
  }

  __device__ __forceinline__ static void write(const Args& args, HeadIndex index, int first,
                                               State& state) {
    T* const y = const_cast<T*>(head_start<T>(args.y, args.y_strides, index));
    BRAID_UNROLL
    for (int i = 0; i < kThreadQueries; ++i) {
      const int query = first + down() + i * kDown;
      if (query >= args.queries) continue;
      const bool is_nothing = args.is_guarded && !(state.total[i] > 0.0F);
      const float factor = 1.0F / state.total[i];
      BRAID_UNROLL
      for (int p = 0; p < kThreadPacks; ++p) {
        const int column = (across() + p * 8) * 4;
        if (column >= args.value_size) continue;
        Floats result = state.results[i][p];
        BRAID_UNROLL
        for (int n = 0; n < 4; ++n)
          result.at[n] = is_nothing ? 0.0F : result.at[n] * factor;
        store_some(y + query * args.y_strides.position + column * args.y_strides.size,
                   args.y_strides.size, args.value_size - column, result);
      }
    }
  }
};

}  // namespace braid::cuda
