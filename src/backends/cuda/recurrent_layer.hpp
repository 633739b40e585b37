#pragma once

#include <cstdint>
#include <optional>

#include "backends/cuda/bind.hpp"
#include "kernels/cuda/recurrent_sequence.hpp"

namespace braid::cuda {

/// An LSTM, GRU or RNN as ONNX has it, with constant weights.
struct RecurrentLayer {
  CellKind cell = CellKind::Rnn;
  Element element = Element::Float;
  std::int64_t gates = 1;
  std::int64_t steps = 0;
  std::int64_t batch = 0;
  std::int64_t inputs = 0;
  std::int64_t hidden = 0;
  std::int64_t directions = 1;
  bool is_reverse = false;      ///< the only direction
  bool is_batch_first = false;  ///< layout 1
  bool is_coupled = false;      ///< LSTM: input_forget
  bool resets_after = false;    ///< GRU: linear_before_reset
  bool has_usual_activations = true;
  float clip = 0.0F;  ///< 0: none
  CellActivation activations[2][3];

  std::int64_t columns() const { return gates * hidden; }
  std::int64_t width() const { return element_bytes(element); }
};

/// Inputs of a layer.
enum RecurrentInput : std::uint8_t {
  kX,
  kW,
  kR,
  kRecurrentBias,
  kLengths,
  kFirstHidden,
  kFirstCell,
  kPeephole
};

/// Nothing if an operand has other dims or types than it must have, weights are computed, or there
/// is no kernel for an activation.
std::optional<RecurrentLayer> recurrent_layer_of(const Operator& op);

/// W and R of all directions, [directions, depth, columns] each, on the device.
struct RecurrentWeights {
  PackedWeights::Bytes w;
  PackedWeights::Bytes r;
};

/// For states that one launch cannot keep: a product and a cell per step. Null for other layers
/// than the usual.
std::unique_ptr<const BoundKernel> bind_recurrent_steps(const Operator& op,
                                                        const RecurrentLayer& layer,
                                                        const RecurrentWeights& weights,
                                                        const Target& target);

}  // namespace braid::cuda
