#pragma once

#include "kernels/cuda/activation.cuh"
#include "kernels/cuda/recurrent.hpp"
#include "kernels/cuda/scalar.cuh"

namespace braid::cuda {

__device__ __forceinline__ bool is_over(const StepOfRows& step, std::int64_t row) {
  return step.lengths != nullptr && step.step >= step.lengths[row];
}

/// Writes an element of the hidden state, or keeps it if its row is over.
template <class T, class Args>
__device__ __forceinline__ void store_hidden(const Args& args, std::int64_t row, std::int64_t at,
                                             float next, T old) {
  const bool is_kept = is_over(args.step, row);
  static_cast<T*>(args.next_hidden)[at] = is_kept ? old : from_float<T>(next);
  if (args.step.y != nullptr)
    static_cast<T*>(args.step.y)[at] = from_float<T>(is_kept ? 0.0F : next);
}

/// One element of the state per thread.
template <class T>
struct LstmCell {
  using Args = LstmCellArgs;
  static constexpr int kThreads = 128;
  static constexpr int kBlocks = 8;

  __device__ static void run(const Args& args) {
    const std::int64_t thread = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    const std::int64_t row = thread / args.size;
    const auto at = static_cast<int>(thread % args.size);
    if (row >= args.rows) return;
    const T* const gates = static_cast<const T*>(args.gates) + row * 4 * args.size + at;
    const T* peephole = static_cast<const T*>(args.peephole);
    if (peephole != nullptr) peephole += row / args.rows_per_member * 3 * args.size + at;
    const auto gate = [&](int index) { return to_float(gates[index * args.size]); };
    const auto peep = [&](int index, float cell) {
      return peephole == nullptr ? 0.0F : to_float(peephole[index * args.size]) * cell;
    };
    const float cell = to_float(static_cast<const T*>(args.cell)[thread]);
    const float input = sigmoid(gate(0) + peep(0, cell));
    const float forget = sigmoid(gate(2) + peep(2, cell));
    const float next = forget * cell + input * tanhf(gate(3));
    const float output = sigmoid(gate(1) + peep(1, next));
    const bool is_kept = is_over(args.step, row);
    const T old = is_kept ? static_cast<const T*>(args.hidden)[thread] : from_float<T>(0.0F);
    static_cast<T*>(args.next_cell)[thread] = from_float<T>(is_kept ? cell : next);
    store_hidden(args, row, thread, output * tanhf(next), old);
  }
};

/// One element of the state per thread.
template <class T>
struct GruCell {
  using Args = GruCellArgs;
  static constexpr int kThreads = 128;
  static constexpr int kBlocks = 8;

  __device__ static void run(const Args& args) {
    const std::int64_t thread = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    const std::int64_t row = thread / args.size;
    if (row >= args.rows) return;
    const std::int64_t at = row * 3 * args.size + thread % args.size;
    const auto x = [&](int gate) {
      return to_float(static_cast<const T*>(args.x_gates)[at + gate * args.size]);
    };
    const auto h = [&](int gate) {
      return to_float(static_cast<const T*>(args.h_gates)[at + gate * args.size]);
    };
    const float update = sigmoid(x(0) + h(0));
    const float reset = sigmoid(x(1) + h(1));
    const float candidate = tanhf(x(2) + reset * h(2));
    const T hidden = static_cast<const T*>(args.hidden)[thread];
    const float next = (1.0F - update) * candidate + update * to_float(hidden);
    store_hidden(args, row, thread, next, hidden);
  }
};

/// One element of the state per thread.
template <class T>
struct GruReset {
  using Args = GruResetArgs;
  static constexpr int kThreads = 128;
  static constexpr int kBlocks = 8;

  __device__ static void run(const Args& args) {
    const std::int64_t thread = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    const std::int64_t row = thread / args.size;
    if (row >= args.rows) return;
    const std::int64_t at = (row * 2 + 1) * args.size + thread % args.size;
    const float reset = sigmoid(to_float(static_cast<const T*>(args.gates)[at]));
    const float hidden = to_float(static_cast<const T*>(args.hidden)[thread]);
    static_cast<T*>(args.kept)[thread] = from_float<T>(reset * hidden);
  }
};

/// One element of the state per thread.
template <class T>
struct GruUpdate {
  using Args = GruUpdateArgs;
  static constexpr int kThreads = 128;
  static constexpr int kBlocks = 8;

  __device__ static void run(const Args& args) {
    const std::int64_t thread = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    const std::int64_t row = thread / args.size;
    if (row >= args.rows) return;
    const std::int64_t at = row * 2 * args.size + thread % args.size;
    const float update = sigmoid(to_float(static_cast<const T*>(args.gates)[at]));
    const float candidate = tanhf(to_float(static_cast<const T*>(args.candidate)[thread]));
    const T hidden = static_cast<const T*>(args.hidden)[thread];
    const float next = (1.0F - update) * candidate + update * to_float(hidden);
    store_hidden(args, row, thread, next, hidden);
  }
};

}  // namespace braid::cuda
