#pragma once

#include <memory>
#include <string_view>

#include "braid/compile.hpp"
#include "braid/graph.hpp"
#include "plan/kernel_finder.hpp"

namespace braid {

/// One step per node, in the order of the graph. The model must have no functions. `device` is
/// for messages. Throws Error (Unsupported, BadInput), each naming everything that stands in the
/// way.
std::shared_ptr<const Program::Impl> lower_graph(const Model& model,
                                                 const KernelFinder& find_kernel,
                                                 std::string_view device);

}  // namespace braid
