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

/// What one thread adds to its scores.
template <class T>
struct ScoreAddend {
  const T* from;
  std::int64_t query;
  std::int64_t key;
  float factor;

  __device__ __forceinline__ ScoreAddend(const ScoreBias& bias, HeadIndex index)
      : from(static_cast<const T*>(bias.data)),
        query(bias.query),
        key(bias.key),
        factor(bias.factor) {
    if (from != nullptr)
      from += index.member * bias.member + index.batch * bias.batch + index.head * bias.head;
  }

  __device__ __forceinline__ float at(int of_query, int of_key) const {
    return from == nullptr ? 0.0F : factor * to_float(from[of_query * query + of_key * key]);
  }
};

__device__ __forceinline__ HeadIndex find_head(const AttentionMembersArgs& args, int number) {
  const int outer = number / args.heads;
  return {outer / args.batch, outer % args.batch, number % args.heads};
}

/// Of a product of query and key; minus infinity if the key does not count.
template <class T>
__device__ __forceinline__ float finish_score(const AttentionMembersArgs& args,
                                              const ScoreAddend<T>& bias,
                                              const ScoreAddend<T>& more_bias, int query, int key,
                                              float product) {
  const bool counts =
      query < args.queries && key < args.keys && (!args.is_causal || key <= query + args.first_key);
  return counts ? args.scale * product + bias.at(query, key) + more_bias.at(query, key)
                : -infinity();
}

}  // namespace braid::cuda
