#pragma once

#include <cstdint>

#include "braid/tensor.hpp"

/// Smallest, mean and largest value of a tensor; NaNs are counted apart.
struct ValueRange {
  double min = 0;
  double mean = 0;
  double max = 0;
  std::int64_t nan_count = 0;
  std::int64_t counted = 0;  ///< values that are no NaN; 0 also for types without an order
};

ValueRange value_range(const braid::Tensor& tensor);
