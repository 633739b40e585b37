#pragma once

#include <string>

#include "braid/graph.hpp"

namespace braid {

/// All of a model but its metadata and the data of its initializers, as bytes: equal for a model
/// and for what is loaded of the file that it was saved to.
std::string structure_of(const Model& model);

}  // namespace braid
