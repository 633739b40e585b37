#pragma once

#include <set>
#include <string>

#include "merge/site.hpp"

namespace braid {

/// Tells which values have sizes of their own in each member: what NonZero and the like make of
/// stacked data, what a stacked shape, axis or count decides, and all that comes of it. Such values
/// cannot be stacked, and their shapes are not uniform. The sizes of a sequence are its length and
/// those of its elements.
class MemberSizes {
 public:
  /// Takes the sizes of a model's inputs to be the same for all members.
  void add_inputs(const Graph& model);

  /// Whether output `id` of `node`, of `graph`, may have another size in each member. `kinds` and
  /// `is_ragged` hold for what the node reads.
  bool may_differ(const Graph& graph, const Node& node, ValueId id, const std::vector<Kind>& kinds,
                  const std::vector<bool>& is_ragged) const;

 private:
  bool is_settled(const Graph& graph, ValueId id) const;

  std::set<std::string> symbols_;  ///< of the graph's inputs: members run at the same sizes
};

}  // namespace braid
