#pragma once

#include "kernels/cuda/conv_members.hpp"
#include "kernels/cuda/gemm_members.hpp"
#include "kernels/cuda/integers.hpp"

/// Products whose depth is cut into slices, where there are too few tiles to occupy a device: each
/// slice of each tile is a block of its own and yields sums in float, which a second kernel adds up
/// in the order of the slices. The same for convolutions.
namespace braid::cuda {

/// Sums of a slice are [matrix, row, column] behind those of the slice before.
struct DepthSlices {
  float* partials = nullptr;  ///< of partial_bytes(), aligned to 16
  int count = 1;
  int depth = 0;  ///< of each, but for the last one, which may be less deep
  int pitch = 0;  ///< elements from one row to the next, a multiple of 4
};

struct SplitGemmArgs {
  GemmMembersArgs product;  ///< whose y and epilogue are left out
  DepthSlices slices;
};

struct SplitConvArgs {
  ConvMembersArgs conv;  ///< whose y and epilogue are left out
  DepthSlices slices;
};

/// y = activation(scale * the sum over all slices + bias + residual).
struct PartialSumsArgs {
  const float* partials = nullptr;
  int slices = 1;
  int pitch = 0;
  void* y = nullptr;
  MatrixStrides y_strides;
  Epilogue epilogue;
  int members = 1;
  int batches = 1;  ///< per member
  int rows = 1;
  int columns = 1;
  // The launch function sets these.
  FastDivisor by_packs;
  FastDivisor by_rows;
  FastDivisor by_batches;
};

/// The tiles of GemmTile and ConvTile that there are of such products.
enum class SplitTile : std::uint8_t { Large, Medium, TensorLarge, TensorMedium };

/// Slices of equal depth, a multiple of 32, of which there are at most `count`.
DepthSlices slices_of(int depth, int columns, int count);

/// What the sums of all slices take.
std::size_t partial_bytes(const PartialSumsArgs& args);

/// What finishes a product, or a convolution, of `slices` slices.
PartialSumsArgs sums_of(const GemmMembersArgs& product, const DepthSlices& slices);
PartialSumsArgs sums_of(const ConvMembersArgs& conv, const DepthSlices& slices);

/// Factors are of `element`, and so is what launch_partial_sums() writes and adds.
Launch launch_split_gemm(const SplitGemmArgs& args, Element element, SplitTile tile);
Launch launch_split_conv(SplitConvArgs& args, Element element, SplitTile tile);
Launch launch_partial_sums(PartialSumsArgs& args, Element element);

}  // namespace braid::cuda
