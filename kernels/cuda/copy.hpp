#pragma once

#include "kernels/cuda/fast_divide.hpp"

#ifndef __CUDACC_RTC__
#include <optional>
#include <vector>
#endif

/// Copies between layouts: Transpose, Slice, Split, Concat, Expand, Pad and their kin. They know
/// nothing of types: elements are so many bytes.
namespace braid::cuda {

struct Launch;

inline constexpr int kCopyAxes = 8;

struct CopyArgs {
  const void* from = nullptr;
  void* to = nullptr;
  int count = 0;  ///< elements
  int axes = 0;
  int width = 0;                 ///< bytes of an element: 1, 2, 4, 8 or 16
  bool is_tiled = false;         ///< axis 0 is adjacent in the target, axis 1 in the source
  FastDivisor sizes[kCopyAxes];  ///< axis 0 is the innermost of the target
  std::int64_t from_strides[kCopyAxes] = {};  ///< in elements
  std::int64_t to_strides[kCopyAxes] = {};
};

enum class PadMode : std::uint8_t { Constant, Edge, Reflect, Wrap };

struct PadArgs {
  const void* from = nullptr;
  void* to = nullptr;  ///< contiguous
  int count = 0;       ///< elements of the target
  int axes = 0;
  int width = 0;            ///< bytes of an element: 1, 2, 4 or 8
  std::uint64_t value = 0;  ///< the bits of what Constant pads with
  PadMode mode = PadMode::Constant;
  FastDivisor sizes[kCopyAxes];  ///< of the target; axis 0 is the innermost
  int before[kCopyAxes] = {};    ///< elements in front; less than 0 takes some away
  int from_sizes[kCopyAxes] = {};
  std::int64_t from_strides[kCopyAxes] = {};
};

#ifndef __CUDACC_RTC__

struct CopyAxis {
  std::int64_t size = 1;
  std::int64_t from = 0;  ///< strides in elements; that of the source may be 0 or less
  std::int64_t to = 0;
};

/// The copy of elements of `width` bytes (1, 2, 4, 8) over all indices of `axes`, in the form that
/// costs least: with few axes, and wide elements where they, and the addresses, allow it. Nothing
/// if it has too many axes or elements for the kernel.
std::optional<CopyArgs> make_copy(const void* from, void* to, std::vector<CopyAxis> axes,
                                  int width);

Launch launch_copy(const CopyArgs& args);

Launch launch_pad(const PadArgs& args);

#endif

}  // namespace braid::cuda
