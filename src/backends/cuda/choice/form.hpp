#pragma once

#include <functional>
#include <string>
#include <vector>

#include "backends/cuda/launch_kernel.hpp"
#include "kernels/cuda/conv_members.hpp"
#include "kernels/cuda/gemm_members.hpp"

namespace braid::cuda {

struct Target;

/// One way to compute a product or a convolution. All forms of one yield the same, but for
/// rounding.
template <class Args>
struct Form {
  std::string name;                 ///< "medium tiles, 4 slices"
  double seconds = 0;               ///< as product_cost.hpp has it
  std::size_t workspace_bytes = 0;  ///< aligned to 256

  /// Adds the launches for arguments that differ from those the form was made for in nothing but
  /// addresses.
  std::function<void(const Args& args, std::byte* workspace, LaunchList& list)> add;
};

using ProductForm = Form<GemmMembersArgs>;
using ConvForm = Form<ConvMembersArgs>;

/// Which operands an epilogue will have: their addresses are not known yet.
struct Addends {
  bool has_bias = false;
  bool has_residual = false;
};

/// All that there are for the device and the precision. The first one runs everywhere, rounds least
/// and takes operands wherever they lie.
std::vector<ProductForm> product_forms(const GemmMembersArgs& args, Element element,
                                       Addends addends, const Target& target);
std::vector<ConvForm> conv_forms(const ConvMembersArgs& args, Element element, Addends addends,
                                 const Target& target);

/// Those of a vendor's library; none where there is none, or operands lie as it does not take them.
std::vector<ProductForm> library_forms(const GemmMembersArgs& args, Element element,
                                       Addends addends, const Target& target);

}  // namespace braid::cuda
