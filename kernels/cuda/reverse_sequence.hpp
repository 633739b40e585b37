#pragma once

#include "kernels/cuda/integers.hpp"

/// ReverseSequence: of each sequence of a batch the first elements, as many as its length, in
/// reverse order.
namespace braid::cuda {

struct Launch;

/// [outer, first, middle, second, inner], where one of `first` and `second` is time, and the other
/// one the batch.
struct ReverseSequenceArgs {
  const void* from = nullptr;
  void* to = nullptr;
  const void* lengths = nullptr;  ///< [batch], from 0 to all steps
  int* bad = nullptr;             ///< set to 1 if a length is out of range
  bool is_wide = true;            ///< lengths of 64 bits, else of 32
  bool is_time_first = true;
  int outer = 1;
  int first = 1;
  int middle = 1;
  int second = 1;
  int inner = 1;
  int width = 4;  ///< bytes of an element: 1, 2, 4 or 8
};

Launch launch_reverse_sequence(const ReverseSequenceArgs& args);

}  // namespace braid::cuda
