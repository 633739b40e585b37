#pragma once

#include "kernels/cuda/element.hpp"

/// The elementwise part of a step of LSTM and GRU, after the products with W and R. Rows are those
/// of all members and batches; all pointers are of one element type, and contiguous.
namespace braid::cuda {

struct Launch;

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
};

/// GRU with linear_before_reset: the reset gate multiplies R h. Otherwise R must be applied to the
/// hidden state that the reset gate has multiplied, which takes a product between two launches.
Launch launch_gru_cell(const GruCellArgs& args, Element element);

}  // namespace braid::cuda
