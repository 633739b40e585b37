#pragma once

#include "kernels/cuda/stored.hpp"

#ifndef __CUDACC_RTC__
#include "kernels/cuda/launch.hpp"
#endif

/// The largest or smallest elements along the middle axis of [outer, length, inner]: TopK, ArgMax
/// and ArgMin. NaN is the largest number; ArgMin finds it, too.
namespace braid::cuda {

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

#ifndef __CUDACC_RTC__

/// Sorted; of equal elements the first one comes first. Costs k times reading the row.
Launch launch_top_k(const SelectionArgs& args, Stored stored);

/// With k = 1; writes indices only.
Launch launch_arg_extremum(const SelectionArgs& args, Stored stored);

inline Launch launch_top_k(const SelectionArgs& args, Element element) {
  return launch_top_k(args, stored_as(element));
}

inline Launch launch_arg_extremum(const SelectionArgs& args, Element element) {
  return launch_arg_extremum(args, stored_as(element));
}

#endif

}  // namespace braid::cuda
