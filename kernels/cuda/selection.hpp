#pragma once

#include "kernels/cuda/element.hpp"
#include "kernels/cuda/integers.hpp"

/// The largest or smallest elements along the middle axis of [outer, length, inner]: TopK, ArgMax
/// and ArgMin. NaN is the largest number; ArgMin finds it, too.
namespace braid::cuda {

struct Launch;

struct SelectionArgs {
  const void* x = nullptr;
  void* values = nullptr;           ///< [outer, k, inner]; of TopK
  std::int64_t* indices = nullptr;  ///< the same
  int outer = 1;
  int length = 1;
  int inner = 1;
  int k = 1;
  bool is_largest = true;
  bool prefers_last = false;  ///< of equal ones; of ArgMax and ArgMin
};

/// Sorted; of equal elements the first one comes first. Costs k times reading the row.
Launch launch_top_k(const SelectionArgs& args, Element element);

/// With k = 1; writes indices only.
Launch launch_arg_extremum(const SelectionArgs& args, Element element);

}  // namespace braid::cuda
