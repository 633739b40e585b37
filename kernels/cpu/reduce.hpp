#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "braid/types.hpp"

namespace braid::cpu {

enum class Reduction : std::uint8_t { Sum, Mean, Max, Min, Prod, SumSquare, L1, L2, LogSum };

/// A reduction over some axes of a contiguous tensor of known dims.
class ReducePlan {
 public:
  /// Whether there is code for the type: float has all reductions, double, int32 and int64 those
  /// that need no division and no root.
  static bool is_computable(Reduction reduction, DType dtype);

  ReducePlan(Reduction reduction, DType dtype, const std::vector<std::int64_t>& dims,
             const std::vector<bool>& is_reduced);

  void run(const std::byte* x, std::byte* y) const;

 private:
  template <class T>
  void run_as(const std::byte* x, std::byte* y) const;

  Reduction reduction_;
  DType dtype_;
  bool is_row_ = true;                 ///< whether the innermost elements make up one result
  std::int64_t length_ = 1;            ///< of the innermost axis
  std::int64_t count_ = 1;             ///< elements that make up one result
  std::vector<std::int64_t> starts_;   ///< offset of each result, or of each row of results
  std::vector<std::int64_t> offsets_;  ///< of what makes up one result, or a row of results
};

}  // namespace braid::cpu
