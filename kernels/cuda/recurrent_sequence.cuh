#pragma once

#include "kernels/cuda/activation.cuh"
#include "kernels/cuda/recurrent_sequence.hpp"
#include "kernels/cuda/scalar.cuh"

namespace braid::cuda {

/// Four sequences of a batch in a block; a thread takes every so many units. The state is in shared
/// memory: one pack per unit, an element for each sequence.
template <class T>
struct RecurrentSequence {
  using Args = RecurrentSequenceArgs;
  static constexpr int kThreads = 256;  // at most
  static constexpr int kBlocks = 2;
  static constexpr int kRows = 4;

  const Args& args;
  int member;
  int direction;
  int row;  // the first sequence
  Floats* hidden;
  Floats* next;
  Floats* cell;
  Floats* update;  // of a GRU whose reset comes before the product
  Floats* kept;

  __device__ static void run(const Args& args) {
    BRAID_DYNAMIC_SHARED(Floats, state);
    const int tiles = (args.batch + kRows - 1) / kRows;
    int rest = static_cast<int>(blockIdx.x);
    const int tile = rest % tiles;
    rest /= tiles;
    const int size = args.size;
    RecurrentSequence layer{
        args,         rest / args.directions, rest % args.directions, tile * kRows,    state,
        state + size, state + 2 * size,       state + 3 * size,       state + 4 * size};
    layer.run_all();
  }

  __device__ __forceinline__ void run_all() {
    for_each_unit([&](int unit) {
      hidden[unit] = load_state(args.first_hidden, unit);
      cell[unit] = load_state(args.first_cell, unit);
    });
    __syncthreads();
    for (int step = 0; step < args.steps; ++step) {
      if (args.cell == CellKind::Gru && !args.resets_after) {
        for_each_unit([&](int unit) { reset(unit, step); });
        __syncthreads();
      }
      for_each_unit([&](int unit) { advance(unit, step); });
      __syncthreads();
      Floats* const now = next;
      next = hidden;
      hidden = now;
    }
    for_each_unit([&](int unit) {
      store_state(args.last_hidden, unit, hidden[unit]);
      store_state(args.last_cell, unit, cell[unit]);
    });
  }

  template <class F>
  __device__ __forceinline__ void for_each_unit(const F& what) const {
    for (int unit = static_cast<int>(threadIdx.x); unit < args.size;
         unit += static_cast<int>(blockDim.x))
      what(unit);
  }

  __device__ __forceinline__ std::int64_t offset_of(const SequenceStrides& strides) const {
    return member * strides.member + direction * strides.direction;
  }

  __device__ __forceinline__ const T* start_of(const SequenceOperand& operand) const {
    return static_cast<const T*>(operand.data) + offset_of(operand.strides);
  }

  __device__ __forceinline__ Floats load_state(const SequenceOperand& from, int unit) const {
    Floats value{};
    if (from.data == nullptr) return value;
    BRAID_UNROLL
    for (int i = 0; i < kRows; ++i)
      if (row + i < args.batch)
        value.at[i] = to_float(start_of(from)[(row + i) * from.strides.batch + unit]);
    return value;
  }

  __device__ __forceinline__ void store_state(const SequenceResult& to, int unit,
                                              const Floats& value) const {
    if (to.data == nullptr) return;
    T* const start = static_cast<T*>(to.data) + offset_of(to.strides) + unit;
    BRAID_UNROLL
    for (int i = 0; i < kRows; ++i)
      if (row + i < args.batch) start[(row + i) * to.strides.batch] = from_float<T>(value.at[i]);
  }

  __device__ __forceinline__ int length_of(int i) const {
    if (args.lengths == nullptr || row + i >= args.batch) return args.steps;
    const int length = args.lengths[member * args.lengths_member + row + i];
    return length < 0 ? 0 : length;
  }

  /// Which element of sequence i a step is about.
  __device__ __forceinline__ int time_of(int i, int step) const {
    const bool is_backward = args.is_reverse || direction == 1;
    const int length = length_of(i);
    return is_backward && step < length ? (length < args.steps ? length : args.steps) - 1 - step
                                        : step;
  }

  /// R h for one gate of a unit.
  __device__ __forceinline__ Floats product(const Floats* state, int gates, int gate,
                                            int unit) const {
    const T* const r = start_of(args.r) + gate * args.size + unit;
    Floats sum{};
    for (int k = 0; k < args.size; ++k) {
      const float weight = to_float(r[std::int64_t{k} * gates * args.size]);
      BRAID_UNROLL
      for (int i = 0; i < kRows; ++i)
        sum.at[i] += weight * state[k].at[i];
    }
    return sum;
  }

  /// What W x and the biases add to it.
  __device__ __forceinline__ float input_of(int gate, int unit, int i, int step) const {
    if (row + i >= args.batch) return 0.0F;
    const SequenceStrides& strides = args.gates.strides;
    return to_float(start_of(args.gates)[time_of(i, step) * strides.step +
                                         (row + i) * strides.batch + gate * args.size + unit]);
  }

  __device__ __forceinline__ float activated(int which, float x) const {
    const CellActivation& activation = args.activations[direction][which];
    if (args.clip > 0.0F) x = clip(x, -args.clip, args.clip);
    return activate(activation.function, x, activation.a, activation.b);
  }

  /// What a unit of a GRU keeps of its state, and the state that its candidate is made from.
  __device__ __forceinline__ void reset(int unit, int step) const {
    const Floats of_update = product(hidden, 3, 0, unit);
    const Floats of_reset = product(hidden, 3, 1, unit);
    BRAID_UNROLL
    for (int i = 0; i < kRows; ++i) {
      update[unit].at[i] = activated(0, input_of(0, unit, i, step) + of_update.at[i]);
      kept[unit].at[i] =
          activated(0, input_of(1, unit, i, step) + of_reset.at[i]) * hidden[unit].at[i];
    }
  }

  __device__ __forceinline__ void advance(int unit, int step) const {
    Floats value;
    if (args.cell == CellKind::Lstm) {
      value = advance_lstm(unit, step);
    } else if (args.cell == CellKind::Rnn) {
      value = product(hidden, 1, 0, unit);
      BRAID_UNROLL
      for (int i = 0; i < kRows; ++i)
        value.at[i] = activated(0, input_of(0, unit, i, step) + value.at[i]);
    } else {
      value = args.resets_after ? advance_and_reset(unit, step) : advance_gru(unit, step);
    }
    finish(unit, step, value);
  }

  __device__ __forceinline__ Floats advance_gru(int unit, int step) const {
    Floats value = product(kept, 3, 2, unit);
    BRAID_UNROLL
    for (int i = 0; i < kRows; ++i) {
      const float candidate = activated(1, input_of(2, unit, i, step) + value.at[i]);
      const float share = update[unit].at[i];
      value.at[i] = (1.0F - share) * candidate + share * hidden[unit].at[i];
    }
    return value;
  }

  __device__ __forceinline__ Floats advance_and_reset(int unit, int step) const {
    const Floats of_update = product(hidden, 3, 0, unit);
    const Floats of_reset = product(hidden, 3, 1, unit);
    Floats value = product(hidden, 3, 2, unit);
    const float bias =
        args.reset_bias.data == nullptr ? 0.0F : to_float(start_of(args.reset_bias)[unit]);
    BRAID_UNROLL
    for (int i = 0; i < kRows; ++i) {
      const float share = activated(0, input_of(0, unit, i, step) + of_update.at[i]);
      const float taken = activated(0, input_of(1, unit, i, step) + of_reset.at[i]);
      const float candidate =
          activated(1, input_of(2, unit, i, step) + taken * (value.at[i] + bias));
      value.at[i] = (1.0F - share) * candidate + share * hidden[unit].at[i];
    }
    return value;
  }

  __device__ __forceinline__ float peephole(int gate, int unit) const {
    if (args.peephole.data == nullptr) return 0.0F;
    return to_float(start_of(args.peephole)[gate * args.size + unit]);
  }

  __device__ __forceinline__ Floats advance_lstm(int unit, int step) const {
    const Floats of_input = product(hidden, 4, 0, unit);
    const Floats of_output = product(hidden, 4, 1, unit);
    const Floats of_forget = product(hidden, 4, 2, unit);
    Floats value = product(hidden, 4, 3, unit);
    BRAID_UNROLL
    for (int i = 0; i < kRows; ++i) {
      const float old = cell[unit].at[i];
      const float input =
          activated(0, input_of(0, unit, i, step) + of_input.at[i] + peephole(0, unit) * old);
      const float forget = args.is_coupled
                               ? 1.0F - input
                               : activated(0, input_of(2, unit, i, step) + of_forget.at[i] +
                                                  peephole(2, unit) * old);
      const float now =
          forget * old + input * activated(1, input_of(3, unit, i, step) + value.at[i]);
      const float output =
          activated(0, input_of(1, unit, i, step) + of_output.at[i] + peephole(1, unit) * now);
      const CellActivation& last = args.activations[direction][2];
      value.at[i] = output * activate(last.function, now, last.a, last.b);
      if (step < length_of(i)) cell[unit].at[i] = now;
    }
    return value;
  }

  /// A sequence that is over keeps its state.
  __device__ __forceinline__ void finish(int unit, int step, Floats value) const {
    BRAID_UNROLL
    for (int i = 0; i < kRows; ++i) {
      const bool is_over = step >= length_of(i);
      if (args.y.data != nullptr && row + i < args.batch) {
        const SequenceStrides& strides = args.y.strides;
        static_cast<T*>(args.y.data)[offset_of(strides) + time_of(i, step) * strides.step +
                                     (row + i) * strides.batch + unit] =
            from_float<T>(is_over ? 0.0F : value.at[i]);
      }
      if (is_over) value.at[i] = hidden[unit].at[i];
    }
    next[unit] = value;
  }
};

}  // namespace braid::cuda
