#pragma once

#include <cstdint>

/// One step of one sequence of LSTM, GRU and RNN with their usual activations, after the products
/// with the weights. All arrays hold `hidden` floats per gate, gate after gate in ONNX's order.
namespace braid::cpu {

/// The sums that gates are made of: input + recurrent + bias, clamped to [-clip, clip].
struct GateSums {
  const float* input = nullptr;      ///< W x
  const float* recurrent = nullptr;  ///< R h
  const float* bias = nullptr;
  float clip = 0.0F;
  std::int64_t hidden = 0;
};

/// Moves the state h and the cell c on.
void lstm_cell(const GateSums& sums, float* c, float* h);

/// The same, but what is not taken in is kept: there is no forget gate.
void coupled_lstm_cell(const GateSums& sums, float* c, float* h);

/// Gates z and r of a GRU whose reset comes before the product: z, and kept = r * h, of which the
/// sums of the candidate are made.
void gru_gates(const GateSums& sums, const float* h, float* z, float* kept);

/// Moves h on. `sums` are those of the candidate alone, `recurrent` R kept.
void gru_candidate(const GateSums& sums, const float* z, float* h);

/// A GRU whose reset comes after the product; `candidate_bias` is that of R h for the candidate.
void gru_cell(const GateSums& sums, const float* candidate_bias, float* h);

void rnn_cell(const GateSums& sums, float* h);

}  // namespace braid::cpu
