#include <algorithm>

#include "backends/cuda/bind.hpp"
#include "backends/cuda/choice/form.hpp"
#include "backends/cuda/choice/product_cost.hpp"

namespace braid::cuda {
namespace {

constexpr int kMostSlices = 16;
constexpr int kLeastDepth = 128;  // of a slice: less does not pay for the sums

// A tile as each kind of kernel calls it.
struct Tile {
  const char* name;
  SplitTile split;
  GemmTile gemm;
  ConvTile conv;
  bool is_on_tensor_cores;
};
constexpr Tile kTiles[] = {
    {"large tiles", SplitTile::Large, GemmTile::Large, ConvTile::Large, false},
    {"medium tiles", SplitTile::Medium, GemmTile::Medium, ConvTile::Medium, false},
    {"large tensor tiles", SplitTile::TensorLarge, GemmTile::TensorLarge, ConvTile::TensorLarge,
     true},
    {"medium tensor tiles", SplitTile::TensorMedium, GemmTile::TensorMedium, ConvTile::TensorMedium,
     true}};

// Tiles that the device has; large ones where they are not empty for the most part.
std::vector<Tile> tiles_for(const ProductSize& size, const Target& target) {
  const bool has_tensor_cores = target.choice().uses_tensor_cores(size.element);
  std::vector<Tile> tiles;
  for (const Tile& tile : kTiles) {
    if (tile.is_on_tensor_cores && !has_tensor_cores) continue;
    const bool is_large = tile.gemm == GemmTile::Large || tile.gemm == GemmTile::TensorLarge;
    if (!is_large || fills(size, tile.split)) tiles.push_back(tile);
  }
  return tiles;
}

// Into twice as many slices as long as the tiles do not occupy the device.
std::vector<int> slice_counts(const ProductSize& size, SplitTile tile, const GpuTraits& gpu) {
  std::vector<int> counts;
  for (int count = 2; count <= kMostSlices; count *= 2) {
    const bool is_occupied = tiles_of(size, tile) * count / 2 >= gpu.processors;
    if (is_occupied || size.depth / count < kLeastDepth) break;
    counts.push_back(count);
  }
  return counts;
}

void add_split(const GemmMembersArgs& args, const DepthSlices& slices, Element element,
               SplitTile tile, LaunchList& list) {
  const SplitGemmArgs split{args, slices};
  list.add(launch_split_gemm(split, element, tile), split);
}

void add_split(const ConvMembersArgs& args, const DepthSlices& slices, Element element,
               SplitTile tile, LaunchList& list) {
  SplitConvArgs split{args, slices};
  const Launch launch = launch_split_conv(split, element, tile);
  list.add(launch, split);
}

template <class Args>
Form<Args> split_form(const Args& args, const ProductSize& size, const Tile& tile, int count,
                      const GpuTraits& gpu) {
  const DepthSlices slices =
      slices_of(static_cast<int>(size.depth), static_cast<int>(size.columns), count);
  Form<Args> form;
  form.name = std::string(tile.name) + ", " + std::to_string(slices.count) + " slices";
  form.seconds = seconds_of(size, tile.split, slices.count, gpu);
  form.workspace_bytes = partial_bytes(sums_of(args, slices));
  form.add = [=, element = size.element, tile = tile.split](const Args& own, std::byte* workspace,
                                                            LaunchList& list) {
    DepthSlices at = slices;
    at.partials = reinterpret_cast<float*>(workspace);
    add_split(own, at, element, tile, list);
    PartialSumsArgs sums = sums_of(own, at);
    const Launch launch = launch_partial_sums(sums, element);
    list.add(launch, sums);
  };
  return form;
}

void add_tile(const GemmMembersArgs& args, Element element, GemmTile tile, LaunchList& list) {
  list.add(launch_gemm_members(args, element, tile), args);
}

void add_tile(ConvMembersArgs args, Element element, ConvTile tile, LaunchList& list) {
  const Launch launch = launch_conv_members(args, element, tile);
  list.add(launch, args);
}

template <class Args, class KernelTile>
Form<Args> tile_form(const ProductSize& size, KernelTile tile, const char* name,
                     const GpuTraits& gpu) {
  Form<Args> form;
  form.name = name;
  form.seconds = seconds_of(size, tile, gpu);
  form.add = [tile, element = size.element](const Args& own, std::byte*, LaunchList& list) {
    add_tile(own, element, tile, list);
  };
  return form;
}

// Small tiles first, then all others with and without slices. `kernel` is the member of Tile that
// has the kernel's tile.
template <class Args, class KernelTile>
std::vector<Form<Args>> tile_forms(const Args& args, const ProductSize& size,
                                   KernelTile Tile::*kernel, const Target& target) {
  const GpuTraits& gpu = target.gpu.traits();
  std::vector<Form<Args>> forms = {tile_form<Args>(size, KernelTile::Small, "small tiles", gpu)};
  for (const Tile& tile : tiles_for(size, target)) {
    forms.push_back(tile_form<Args>(size, tile.*kernel, tile.name, gpu));
    for (const int count : slice_counts(size, tile.split, gpu))
      forms.push_back(split_form(args, size, tile, count, gpu));
  }
  return forms;
}

// As forms of the convolution.
std::vector<ConvForm> as_conv_forms(std::vector<ProductForm> products) {
  std::vector<ConvForm> forms;
  for (ProductForm& product : products) {
    forms.push_back({product.name, product.seconds, product.workspace_bytes,
                     [add = std::move(product.add)](const ConvMembersArgs& own,
                                                    std::byte* workspace, LaunchList& list) {
                       add(as_product(own), workspace, list);
                     }});
  }
  return forms;
}

}  // namespace

std::vector<ProductForm> product_forms(const GemmMembersArgs& args, Element element,
                                       Addends addends, const Target& target) {
  const ProductSize size = size_of(args, element);
  auto forms = tile_forms(args, size, &Tile::gemm, target);
  if (has_form_of_few_rows(args)) {
    forms.push_back(
        tile_form<GemmMembersArgs>(size, GemmTile::FewRows, "few rows", target.gpu.traits()));
  }
  std::vector<ProductForm> more = library_forms(args, element, addends, target);
  std::ranges::move(more, std::back_inserter(forms));
  return forms;
}

std::vector<ConvForm> conv_forms(const ConvMembersArgs& args, Element element, Addends addends,
                                 const Target& target) {
  if (is_product(args))
    return as_conv_forms(product_forms(as_product(args), element, addends, target));
  const ProductSize size = size_of(args, element);
  const GpuTraits& gpu = target.gpu.traits();
  if (has_depthwise_form(args))
    return {tile_form<ConvMembersArgs>(size, ConvTile::Depthwise, "depthwise", gpu)};
  auto forms = tile_forms(args, size, &Tile::conv, target);
  if (has_direct_form(args))
    forms.push_back(tile_form<ConvMembersArgs>(size, ConvTile::Direct, "direct", gpu));
  return forms;
}

}  // namespace braid::cuda
