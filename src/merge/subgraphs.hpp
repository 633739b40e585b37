#pragma once

#include <map>
#include <string>

#include "braid/graph.hpp"
#include "ir/rewrite.hpp"

namespace braid {

/// Gives a node copies of its subgraphs, in which outer values have the names in `renamed` and all
/// others new names: names must be unique across all scopes of a file.
void clone_subgraphs(Node& node, const std::map<std::string, std::string>& renamed,
                     NameSource& names);

}  // namespace braid
