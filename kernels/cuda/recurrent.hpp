#pragma once

#include "kernels/cuda/element.hpp"

/// The elementwise part of a step of LSTM and GRU, after the products with W and R. Rows are those
/// of all members and batches; all pointers are of one element type, and contiguous.
namespace braid::cuda {

struct Launch;

/// Which rows a step is about: one that is over keeps its state, and its y is 0. A layer that runs
/// backwards over sequences of unequal length has them reversed before and after.
struct StepOfRows {
  const int* lengths = nullptr;  ///< [rows]; null: none is over
  int step = 0;
  void* y = nullptr;  ///< [rows, size], next_hidden or 0; null if it is not wanted
};

/// Activations are sigmoid, tanh and tanh. Gates are in ONNX's order.
struct LstmCellArgs {
  const void* gates = nullptr;     ///< [rows, 4, size]: input, output, forget, cell; biases added
  const void* cell = nullptr;      ///< [rows, size]
  const void* peephole = nullptr;  ///< [members, 3, size]: input, output, forget; may be null
  void* next_cell = nullptr;       ///< may be cell
  void* next_hidden = nullptr;
  int rows = 1;
  int rows_per_member = 1;
  int size = 1;
  StepOfRows step = {};
  const void* hidden = nullptr;  ///< [rows, size]; read only where rows can be over
};

Launch launch_lstm_cell(const LstmCellArgs& args, Element element);

/// Activations are sigmoid and tanh.
struct GruCellArgs {
  const void* x_gates = nullptr;  ///< [rows, 3, size]: update, reset, hidden; W x and its bias
  const void* h_gates =
      nullptr;                   ///< the same of R h and its bias, that of the hidden gate included
  const void* hidden = nullptr;  ///< [rows, size]
  void* next_hidden = nullptr;   ///< may be hidden
  int rows = 1;
  int size = 1;
  StepOfRows step = {};
};

/// GRU with linear_before_reset: the reset gate multiplies R h.
Launch launch_gru_cell(const GruCellArgs& args, Element element);

/// GRU without it takes a product between two launches: R of the hidden gate is applied to what the
/// reset gate leaves of the hidden state.
struct GruResetArgs {
  const void* gates = nullptr;   ///< [rows, 2, size]: update, reset; W x + R h and biases
  const void* hidden = nullptr;  ///< [rows, size]
  void* kept = nullptr;          ///< [rows, size]: reset * hidden
  int rows = 1;
  int size = 1;
};

Launch launch_gru_reset(const GruResetArgs& args, Element element);

struct GruUpdateArgs {
  const void* gates = nullptr;      ///< as above
  const void* candidate = nullptr;  ///< [rows, size]: W x + R kept and biases
  const void* hidden = nullptr;     ///< [rows, size]
  void* next_hidden = nullptr;      ///< may be hidden
  int rows = 1;
  int size = 1;
  StepOfRows step = {};
};

Launch launch_gru_update(const GruUpdateArgs& args, Element element);

}  // namespace braid::cuda
