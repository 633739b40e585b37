#pragma once

#include "backends/cuda/choice/choose_kernel.hpp"
#include "backends/cuda/choice/form.hpp"

namespace braid::cuda {

/// All that candidates depend on. `repeats`: so many products of these sizes, one after the other.
Layer layer_of(const GemmMembersArgs& args, Element element, Addends addends, bool rounds_floats,
               std::size_t repeats = 1);
Layer layer_of(const ConvMembersArgs& args, Element element, Addends addends, bool rounds_floats);

}  // namespace braid::cuda
