#pragma once

#include <cstdint>

/// One step of one sequence of LSTM, GRU and RNN with their usual activations, after the products
/// with the weights, for some of a layer's units. Gates are in ONNX's order.
namespace braid::cpu {

/// The sums that gates are made of: input + recurrent + bias, clamped to [-clip, clip]. All start
/// with the first gate of the first unit.
struct GateSums {
  const float* input = nullptr;      ///< W x; `hidden` floats from gate to gate
  const float* recurrent = nullptr;  ///< R h; `units` floats from gate to gate
  const float* bias = nullptr;       ///< as `input`
  float clip = 0.0F;
  std::int64_t hidden = 0;
  std::int64_t units = 0;  ///< that are computed
};

/// Makes the state h, and moves the cell c on.
void lstm_cell(const GateSums& sums, float* c, float* h);

/// The same, but what is not taken in is kept: there is no forget gate.
void coupled_lstm_cell(const GateSums& sums, float* c, float* h);

/// Gates z and r of a GRU whose reset comes before the product: z, and kept = r * h, of which the
/// sums of the candidate are made.
void gru_gates(const GateSums& sums, const float* h, float* z, float* kept);

/// Makes the state that follows h. `sums` are those of the candidate alone, `recurrent` R kept.
void gru_candidate(const GateSums& sums, const float* z, const float* h, float* next);

/// A GRU whose reset comes after the product; `candidate_bias` is that of R h for the candidate.
void gru_cell(const GateSums& sums, const float* candidate_bias, const float* h, float* next);

void rnn_cell(const GateSums& sums, float* h);

}  // namespace braid::cpu
