#pragma once

#include "kernels/cuda/activation.hpp"
#include "kernels/cuda/element.hpp"

/// RNN, GRU and LSTM, all steps of all members and directions in one launch, after the product with
/// W. A block takes some sequences of the batch through all steps and reads R anew at each: best
/// for states of up to some hundred units, where a launch per step would cost more than that.
namespace braid::cuda {

struct Launch;

enum class CellKind : std::uint8_t { Rnn, Lstm, Gru };

struct CellActivation {
  Activation function = Activation::None;
  float a = 0.0F;
  float b = 0.0F;
};

/// Strides in elements; those of members may be 0. Rows of gates and units are adjacent.
struct SequenceStrides {
  std::int64_t member = 0;
  std::int64_t direction = 0;
  std::int64_t step = 0;
  std::int64_t batch = 0;
};

struct SequenceOperand {
  const void* data = nullptr;
  SequenceStrides strides;
};

struct SequenceResult {
  void* data = nullptr;  ///< null if it is not wanted
  SequenceStrides strides;
};

struct RecurrentSequenceArgs {
  SequenceOperand gates;       ///< W x and the biases: [.., gates, size], gates as ONNX orders them
  SequenceOperand r;           ///< [size, gates, size]: from the units of the state to gates
  SequenceOperand reset_bias;  ///< [size], or null: what a GRU resets besides R h
  SequenceOperand peephole;    ///< [3, size] of an LSTM, or null
  SequenceOperand first_hidden;  ///< null: zeros
  SequenceOperand first_cell;
  SequenceResult y;  ///< 0 beyond a sequence's length
  SequenceResult last_hidden;
  SequenceResult last_cell;
  const int* lengths = nullptr;  ///< [batch] of a member; null: all have all steps
  std::int64_t lengths_member = 0;
  CellKind cell = CellKind::Rnn;
  bool is_reverse = false;    ///< the first direction, too, runs from the last step to the first
  bool resets_after = false;  ///< GRU: linear_before_reset
  bool is_coupled = false;    ///< LSTM: input_forget
  float clip = 0.0F;          ///< of what activations are given, to [-clip, clip]; 0: not at all
  CellActivation activations[2][3];  ///< of each direction, as ONNX orders them
  int members = 1;
  int directions = 1;
  int batch = 1;
  int steps = 1;
  int size = 1;
};

/// States of up to this size fit into the shared memory of a block.
inline constexpr int kLargestSequenceState = 512;

/// Throws std::invalid_argument for larger states.
Launch launch_recurrent_sequence(const RecurrentSequenceArgs& args, Element element);

}  // namespace braid::cuda
