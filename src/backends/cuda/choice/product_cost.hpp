#pragma once

#include <span>

#include "backends/cuda/gpu.hpp"
#include "kernels/cuda/conv_members.hpp"
#include "kernels/cuda/gemm_members.hpp"
#include "kernels/cuda/split_product.hpp"

/// What a product takes on a device, as far as can be told without trying. docs/kernels.md has the
/// formula.
namespace braid::cuda {

/// A product, or a convolution as one. All members and groups are matrices of it.
struct ProductSize {
  std::int64_t matrices = 1;
  std::int64_t rows = 1;
  std::int64_t columns = 1;
  std::int64_t depth = 1;
  double bytes = 0;  ///< of all operands, each element counted once
  Element element = Element::Float;
};

ProductSize size_of(const GemmMembersArgs& args, Element element);
ProductSize size_of(const ConvMembersArgs& args, Element element);

/// Seconds of one launch; of a product in `slices` slices, with what adds them up.
double seconds_of(const ProductSize& size, GemmTile tile, const GpuTraits& gpu);
double seconds_of(const ProductSize& size, ConvTile tile, const GpuTraits& gpu);
double seconds_of(const ProductSize& size, SplitTile tile, int slices, const GpuTraits& gpu);

/// Of products of one type in one launch.
double grouped_seconds(std::span<const ProductSize> sizes, GemmTile tile, const GpuTraits& gpu);

/// Of the best that a vendor's library can be expected to have, and of adding the epilogue to what
/// it yields.
double library_seconds(const ProductSize& size, bool is_on_tensor_cores, const GpuTraits& gpu);
double epilogue_seconds(const ProductSize& size, int slices, const GpuTraits& gpu);

/// How many tiles there are.
std::int64_t tiles_of(const ProductSize& size, SplitTile tile);

/// Whether more than half of a tile's rows and columns are used.
bool fills(const ProductSize& size, SplitTile tile);

}  // namespace braid::cuda
