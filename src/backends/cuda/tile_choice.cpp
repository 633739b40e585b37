#include "backends/cuda/tile_choice.hpp"

#include "backends/cuda/choice/product_cost.hpp"

namespace braid::cuda {

GemmTile TileChoice::tile_for(const GemmMembersArgs& args, Element element) const {
  const ProductSize size = size_of(args, element);
  GemmTile best = GemmTile::Small;
  const auto consider = [&](GemmTile tile) {
    if (seconds_of(size, tile, gpu_) < seconds_of(size, best, gpu_)) best = tile;
  };
  consider(GemmTile::Medium);
  consider(GemmTile::Large);
  if (uses_tensor_cores(element)) {
    consider(GemmTile::TensorMedium);
    consider(GemmTile::TensorLarge);
  }
  if (has_form_of_few_rows(args)) consider(GemmTile::FewRows);
  return best;
}

}  // namespace braid::cuda
