#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "braid/attribute.hpp"

namespace braid {

/// What ai.braid.Attention (q, k, v, addend...) computes, and where its operands lie: for each
/// index of the batch, y = softmax(scale * q k^T + sum of factor * addend) v. The softmax of a row
/// that holds NaN is 0 if `is_guarded`, else NaN.
struct AttentionLayout {
  using Dims = std::vector<std::int64_t>;

  /// Matrices in a tensor, one for each index of the batch. Strides are counted in elements; 0
  /// where the same elements are read over and over.
  struct Matrices {
    std::int64_t offset = 0;
    std::int64_t row = 0;
    std::int64_t column = 0;
    Dims batch;  ///< one stride per dim of the batch
  };

  struct Addend {
    Matrices at;  ///< rows x keys
    float factor = 1.0F;
  };

  Dims batch;                    ///< all dims of batches, members and heads
  std::int64_t rows = 0;         ///< queries of one head
  std::int64_t keys = 0;         ///< and as many values
  std::int64_t width = 0;        ///< of a query and a key
  std::int64_t value_width = 0;  ///< of a value and a row of y
  Matrices q;                    ///< rows x width
  Matrices k;                    ///< keys x width
  Matrices v;                    ///< keys x value_width
  Matrices y;                    ///< rows x value_width
  std::vector<Addend> addends;
  float scale = 1.0F;
  bool is_guarded = false;

  Attributes to_attributes() const;

  /// The inverse of to_attributes().
  static AttentionLayout of(const Attributes& attributes);
};

}  // namespace braid
