#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "merge/share.hpp"
#include "merge/site.hpp"

namespace braid {

/// The subgraphs that the members have in one attribute of one node, as a group of models: what a
/// Body is made from, however often a rule asks.
struct SubgraphGroup {
  Model exemplar;  ///< the subgraph as a model; outer values are inputs behind the formal ones
  std::size_t formal_count = 0;
  std::vector<ValueId> outer;  ///< of those inputs: values of the graph around
  std::vector<std::unique_ptr<Model>> members;
  AlignedGroup aligned;
  GroupFacts facts;         ///< before any kind is known but those of constants
  bool is_uniform = false;  ///< the members' subgraphs are the same, weights at any depth included

  struct Found {
    std::vector<Kind> kinds;
    std::vector<bool> is_ragged;
  };
  mutable std::map<std::vector<Kind>, Found> found;  ///< by the kinds of the inputs
};

/// Null if the members' subgraphs are of different architectures, or read other outer values. Made
/// once for all copies of `facts`.
std::shared_ptr<const SubgraphGroup> find_subgraph_group(const GroupFacts& facts, std::size_t node,
                                                         const std::string& attribute);

}  // namespace braid
