#pragma once

#include "kernels/cuda/stored.hpp"

/// CumSum and CumProd: running sums and products along the middle axis of [outer, length, inner].
namespace braid::cuda {

struct Launch;

struct ScanArgs {
  const void* x = nullptr;
  void* y = nullptr;  ///< may be x
  int outer = 1;
  int length = 1;
  int inner = 1;
  bool is_product = false;
  bool is_exclusive = false;  ///< without the element itself
  bool is_reverse = false;    ///< from the last element to the first
};

/// `stored`: floats, Int32 or Int64; integers wrap around. Throws std::invalid_argument for others.
Launch launch_scan(const ScanArgs& args, Stored stored);

}  // namespace braid::cuda
