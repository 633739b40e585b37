#pragma once

#include "backends/cuda/gpu.hpp"
#include "kernels/cuda/gemm_members.hpp"

namespace braid::cuda {

/// How large a tile of a product a block takes, and whether on tensor cores, where nobody measures:
/// in products that are parts of other operators.
class TileChoice {
 public:
  /// `rounds_floats`: products of floats may be of tf32.
  TileChoice(const GpuTraits& gpu, bool rounds_floats)
      : gpu_(gpu),
        has_tensor_cores_{rounds_floats && gpu.has_tf32(), gpu.has_tensor_cores(), gpu.has_tf32()} {
  }

  /// The cheapest, as product_cost.hpp has it.
  GemmTile tile_for(const GemmMembersArgs& args, Element element) const;

  bool uses_tensor_cores(Element element) const {
    return has_tensor_cores_[static_cast<std::size_t>(element)];
  }

 private:
  GpuTraits gpu_;
  bool has_tensor_cores_[kElements];  // by Element
};

}  // namespace braid::cuda
