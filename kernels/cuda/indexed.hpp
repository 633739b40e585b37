#pragma once

#include "kernels/cuda/fast_divide.hpp"
#include "kernels/cuda/stored.hpp"

#ifndef __CUDACC_RTC__
#include <span>
#endif

/// GatherElements, GatherND, ScatterElements and ScatterND: tuples of indices say which blocks of
/// data are meant. An index counts from the end if it is negative; one that is out of range is
/// reported, and means nothing.
namespace braid::cuda {

struct Launch;

inline constexpr int kIndexedAxes = 8;

/// Tuples, and what their indices range over.
struct IndexTuples {
  const void* data = nullptr;  ///< [tuples, length]
  bool is_wide = true;         ///< of 64 bits, else of 32
  int length = 1;
  int dims[kIndexedAxes] = {};
  std::int64_t strides[kIndexedAxes] = {};  ///< in elements of the data
};

/// Tuple i names the block at the tuple's offset, after the one of its place i.
struct GatherAtArgs {
  const void* from = nullptr;
  void* to = nullptr;  ///< [count] blocks
  int* bad = nullptr;  ///< set to 1 if an index is out of range; zeros are written for it
  IndexTuples tuples;
  int count = 0;  ///< of tuples
  int axes = 0;
  FastDivisor sizes[kIndexedAxes];                ///< of the places; axis 0 is the innermost
  std::int64_t place_strides[kIndexedAxes] = {};  ///< in elements of the data
  int block = 1;                                  ///< elements
  int width = 4;                                  ///< bytes of an element: 1, 2, 4 or 8
};

enum class ScatterReduction : std::uint8_t { None, Add, Mul, Max, Min };

/// y = data, with the updates written or added. Each element of y looks for what is meant for it,
/// from the first update to the last: the same input gives the same bits, however often an element
/// is named. This takes elements x candidates steps.
struct ScatterArgs {
  const void* from = nullptr;     ///< the data
  const void* updates = nullptr;  ///< [tuples] blocks
  void* y = nullptr;              ///< may be `from`
  int* bad = nullptr;             ///< set to 1 if an index is out of range
  IndexTuples tuples;
  ScatterReduction reduction = ScatterReduction::None;
  int count = 0;  ///< elements of y
  int block = 1;  ///< elements
  int axes = 0;
  FastDivisor sizes[kIndexedAxes];          ///< of y in blocks; axis 0 is the innermost
  int limits[kIndexedAxes] = {};            ///< places from here on have no candidates
  std::int64_t starts[kIndexedAxes] = {};   ///< strides of the first candidate, in tuples
  std::int64_t offsets[kIndexedAxes] = {};  ///< strides of the offset that a tuple must name
  int candidates = 0;
  std::int64_t step = 1;  ///< from one candidate to the next, in tuples
};

#ifndef __CUDACC_RTC__

/// These set all but addresses, types and the reduction. Dims are those of contiguous tensors.
/// False if there are too many axes or elements for the kernel. The dims must be such as ONNX asks
/// for.
bool shape_gather_elements(std::span<const std::int64_t> data,
                           std::span<const std::int64_t> indices, std::size_t axis,
                           GatherAtArgs& args);
bool shape_gather_nd(std::span<const std::int64_t> data, std::span<const std::int64_t> indices,
                     std::size_t batch_dims, GatherAtArgs& args);
bool shape_scatter_elements(std::span<const std::int64_t> data,
                            std::span<const std::int64_t> indices, std::size_t axis,
                            ScatterArgs& args);
bool shape_scatter_nd(std::span<const std::int64_t> data, std::span<const std::int64_t> indices,
                      ScatterArgs& args);

Launch launch_gather_at(const GatherAtArgs& args);

/// `stored` is the type of the data.
Launch launch_scatter(const ScatterArgs& args, Stored stored);

#endif

}  // namespace braid::cuda
