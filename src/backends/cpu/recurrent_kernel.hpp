#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "runtime/kernel.hpp"

namespace braid {

/// Kinds of layers.
enum class Cell { Lstm, Gru, Rnn };

/// Sizes and options of a layer.
struct RecurrentLayer {
  Cell cell = Cell::Rnn;
  std::int64_t gates = 1;
  std::int64_t steps = 0;
  std::int64_t batch = 0;
  std::int64_t inputs = 0;
  std::int64_t hidden = 0;
  std::int64_t directions = 1;
  bool is_batch_first = false;
  bool is_reverse = false;    // the only direction
  bool is_coupled = false;    // LSTM: input and forget gate
  bool resets_after = false;  // GRU: linear_before_reset
  float clip = std::numeric_limits<float>::infinity();

  bool resets_before() const { return cell == Cell::Gru && !resets_after; }
  std::int64_t columns() const { return gates * hidden; }

  // All in floats.
  std::int64_t row(std::int64_t t, std::int64_t b) const {
    return is_batch_first ? b * steps + t : t * batch + b;
  }
  std::int64_t state_at(std::int64_t d, std::int64_t b) const {
    return (is_batch_first ? b * directions + d : d * batch + b) * hidden;
  }
  std::int64_t output_at(std::int64_t t, std::int64_t d, std::int64_t b) const {
    return (is_batch_first ? row(t, b) * directions + d : (t * directions + d) * batch + b) *
           hidden;
  }
};

/// Units that one thread computes, with the part of the weights that is theirs.
struct RecurrentBlock {
  std::int64_t first = 0;
  std::int64_t units = 0;
  std::unique_ptr<const BoundKernel> recurrent;  // R h, [batch, gates * units]
  std::unique_ptr<const BoundKernel> candidate;  // R (r h) of a GRU that resets before
};

/// What one direction reads.
struct RecurrentDirection {
  std::unique_ptr<const BoundKernel> input;  // W x, for all steps
  std::vector<RecurrentBlock> blocks;        // of all units; several are computed side by side
  std::vector<float> bias;                   // by gate
  std::vector<float> candidate_bias;         // of R h, of a GRU that resets after
};

/// A kernel for operands in ONNX's order: inputs 1 to 3, which are weights and bias, are not read.
std::unique_ptr<const BoundKernel> make_recurrent(const RecurrentLayer& layer,
                                                  std::vector<RecurrentDirection> directions,
                                                  std::size_t input_count);

}  // namespace braid
