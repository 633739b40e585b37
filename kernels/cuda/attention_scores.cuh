#pragma once

#include "kernels/cuda/attention_members.hpp"
#include "kernels/cuda/scalar.cuh"

/// Which head a block of threads is about, and what its scores are.
namespace braid::cuda {

struct HeadIndex {
  int member;
  int batch;
  int head;
};

template <class T>
__device__ __forceinline__ const T* head_start(const void* data, const HeadStrides& strides,
                                               HeadIndex index) {
  return static_cast<const T*>(data) + index.member * strides.member + index.batch * strides.batch +
         index.head * strides.head;
}

/// What is added to the scores of one head. Strides stay among the arguments, which are constant
/// memory: registers are few.
template <class T>
struct ScoreAddends {
  const ScoreBias* biases;
  const T* from[kMostScoreBiases];

  __device__ __forceinline__ ScoreAddends(const AttentionMembersArgs& args, HeadIndex index)
      : biases(args.biases) {
    BRAID_UNROLL
    for (int i = 0; i < kMostScoreBiases; ++i) {
      const ScoreBias& bias = biases[i];
      from[i] = static_cast<const T*>(bias.data);
      if (from[i] != nullptr)
        from[i] += index.member * bias.member + index.batch * bias.batch + index.head * bias.head;
    }
  }

  __device__ __forceinline__ float at(int query, int key) const {
    float sum = 0.0F;
    BRAID_UNROLL
    for (int i = 0; i < kMostScoreBiases; ++i) {
      if (from[i] == nullptr) break;
      const ScoreBias& bias = biases[i];
      sum += bias.factor * to_float(from[i][query * bias.query + key * bias.key]);
    }
    return sum;
  }
};

__device__ __forceinline__ HeadIndex find_head(const AttentionMembersArgs& args, int number) {
  const int outer = number / args.heads;
  return {outer / args.batch, outer % args.batch, number % args.heads};
}

/// Of a product of query and key; minus infinity if the key does not count.
template <class T>
__device__ __forceinline__ float finish_score(const AttentionMembersArgs& args,
                                              const ScoreAddends<T>& addends, int query, int key,
                                              float product) {
  const bool counts =
      query < args.queries && key < args.keys && (!args.is_causal || key <= query + args.first_key);
  return counts ? args.scale * product + addends.at(query, key) : -infinity();
}

}  // namespace braid::cuda
