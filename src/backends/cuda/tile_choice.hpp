#pragma once

#include "backends/cuda/gpu.hpp"
#include "kernels/cuda/conv_members.hpp"
#include "kernels/cuda/gemm_members.hpp"

namespace braid::cuda {

/// How large a tile of a product a block takes, and whether on tensor cores.
class TileChoice {
 public:
  /// `rounds_floats`: products of floats may be of tf32.
  TileChoice(const GpuTraits& traits, bool rounds_floats)
      : processors_(traits.processors),
        has_tensor_cores_{rounds_floats && traits.has_tf32(), traits.has_tensor_cores(),
                          traits.has_tf32()} {}

  GemmTile tile_for(const GemmMembersArgs& args, Element element) const {
    return choose_gemm_tile(args, processors_, uses_tensor_cores(element));
  }
  ConvTile tile_for(const ConvMembersArgs& args, Element element) const {
    return choose_conv_tile(args, processors_, uses_tensor_cores(element));
  }
  bool uses_tensor_cores(Element element) const {
    return has_tensor_cores_[static_cast<std::size_t>(element)];
  }

 private:
  int processors_;
  bool has_tensor_cores_[kElements];  // by Element
};

}  // namespace braid::cuda
