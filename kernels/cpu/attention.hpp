#pragma once

#include <cstdint>
#include <span>

namespace braid::cpu {

/// What is added to each row of scores.
struct ScoreAddend {
  const float* data = nullptr;
  std::int64_t row_stride = 0;     ///< in elements
  std::int64_t column_stride = 1;  ///< 1, or 0 if one number stands for a row
  float factor = 1.0F;
};

/// Makes attention weights of scores [rows, length], in place: adds the addends, then takes the
/// softmax of each row. A row that holds NaN becomes 0 if `is_guarded`, else NaN.
void attention_weights(std::int64_t rows, std::int64_t length, std::span<const ScoreAddend> addends,
                       bool is_guarded, float* scores);

}  // namespace braid::cpu
