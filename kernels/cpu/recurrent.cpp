#include "kernels/cpu/recurrent.hpp"

#include "kernels/cpu/clones.hpp"
#include "kernels/cpu/vector_math.hpp"

namespace braid::cpu {
namespace {

// Of unit j of a gate.
BRAID_INLINE float gate_sum(const GateSums& sums, std::int64_t gate, std::int64_t j) {
  const std::int64_t at = gate * sums.hidden + j;
  const float sum = sums.input[at] + sums.recurrent[gate * sums.units + j] + sums.bias[at];
  return clamp(sum, -sums.clip, sums.clip);
}

}  // namespace

BRAID_CLONES void lstm_cell(const GateSums& given, float* c, float* h) {
  const GateSums sums = given;
#pragma omp simd
  for (std::int64_t j = 0; j < sums.units; ++j) {
    const float in = sigmoid_of(gate_sum(sums, 0, j));
    const float out = sigmoid_of(gate_sum(sums, 1, j));
    const float forget = sigmoid_of(gate_sum(sums, 2, j));
    const float cell = forget * c[j] + in * tanh_of(gate_sum(sums, 3, j));
    c[j] = cell;
    h[j] = out * tanh_of(cell);
  }
}

BRAID_CLONES void coupled_lstm_cell(const GateSums& given, float* c, float* h) {
  const GateSums sums = given;
#pragma omp simd
  for (std::int64_t j = 0; j < sums.units; ++j) {
    const float in = sigmoid_of(gate_sum(sums, 0, j));
    const float out = sigmoid_of(gate_sum(sums, 1, j));
    const float cell = (1.0F - in) * c[j] + in * tanh_of(gate_sum(sums, 3, j));
    c[j] = cell;
    h[j] = out * tanh_of(cell);
  }
}

BRAID_CLONES void gru_gates(const GateSums& given, const float* h, float* z, float* kept) {
  const GateSums sums = given;
#pragma omp simd
  for (std::int64_t j = 0; j < sums.units; ++j) {
    z[j] = sigmoid_of(gate_sum(sums, 0, j));
    kept[j] = sigmoid_of(gate_sum(sums, 1, j)) * h[j];
  }
}

BRAID_CLONES void gru_candidate(const GateSums& given, const float* z, const float* h,
                                float* next) {
  const GateSums sums = given;
#pragma omp simd
  for (std::int64_t j = 0; j < sums.units; ++j)
    next[j] = (1.0F - z[j]) * tanh_of(gate_sum(sums, 0, j)) + z[j] * h[j];
}

BRAID_CLONES void gru_cell(const GateSums& given, const float* candidate_bias, const float* h,
                           float* next) {
  const GateSums sums = given;
#pragma omp simd
  for (std::int64_t j = 0; j < sums.units; ++j) {
    const float z = sigmoid_of(gate_sum(sums, 0, j));
    const float reset = sigmoid_of(gate_sum(sums, 1, j));
    const std::int64_t at = 2 * sums.hidden + j;
    const float state = sums.recurrent[2 * sums.units + j] + candidate_bias[j];
    const float sum = sums.input[at] + sums.bias[at] + reset * state;
    next[j] = (1.0F - z) * tanh_of(clamp(sum, -sums.clip, sums.clip)) + z * h[j];
  }
}

BRAID_CLONES void rnn_cell(const GateSums& given, float* h) {
  const GateSums sums = given;
#pragma omp simd
  for (std::int64_t j = 0; j < sums.units; ++j)
    h[j] = tanh_of(gate_sum(sums, 0, j));
}

}  // namespace braid::cpu
