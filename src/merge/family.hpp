#pragma once

#include <deque>
#include <string>
#include <vector>

#include "merge/groups.hpp"
#include "merge/share.hpp"

namespace braid {

/// One operator position of a family: which node it is in each of its architectures.
struct Column {
  std::vector<int> nodes;  ///< by group of the family: node of its exemplar, -1 if it has none
  int piece = -1;          ///< which piece of the family it belongs to
  int place = -1;          ///< which node of the piece it is
};

/// All positions that the same members have: the trunk that a family has in common, or the heads,
/// stems and additional layers of some of its members.
///
/// A value of a piece stands for one value of each member. Its graph is that of an imagined model:
/// inputs are the values that come from elsewhere, outputs those that others read.
struct Piece {
  std::vector<std::size_t> groups;   ///< of the family
  std::vector<std::size_t> members;  ///< of all members
  Graph graph;
  AlignedGroup aligned;  ///< of the members, with `graph` as the exemplar
  /// By value of the graph, by entry of `groups`: the value of that group's exemplar.
  std::vector<std::vector<ValueId>> tuples;
};

/// Where a value is produced: a piece, and the value of its graph. No piece for graph inputs.
struct Place {
  int piece = -1;
  ValueId value = kAbsent;

  bool operator==(const Place&) const = default;
};

/// Groups whose architectures agree in part, or a single group. Their common positions run merged.
struct Family {
  std::vector<std::size_t> groups;   ///< of the groups given
  std::vector<std::size_t> members;  ///< of all members
  std::vector<Column> columns;       ///< in an order that is topological for every member
  std::deque<Piece> pieces;          ///< those with the most members first
  /// By group of the family and value of its exemplar: where it is produced.
  std::vector<std::vector<Place>> places;
  /// By group of the family: what a symbolic dim of its exemplar is called in the family. Symbols
  /// that the common positions tie together have one name.
  std::vector<std::map<std::string, std::string>> symbols;
};

/// Finds the families among groups. Two architectures are of one family if at least half of the
/// nodes of the smaller one have a counterpart in the other: the same operator at the same place in
/// the order of the wiring. What is worth merging is decided later, by cost.
std::vector<Family> find_families(const std::vector<FoundGroup>& groups, ContentIndex& contents);

/// Fills in `pieces` and `places` from the columns.
void cut_into_pieces(Family& family, const std::vector<FoundGroup>& groups);

}  // namespace braid
