#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "braid/tensor.hpp"
#include "merge/share.hpp"

namespace braid {

struct MergedGraph;

/// Constants of which several members have the same one, in no order that a reshape could express.
///
/// Each distinct one is stored once, as rows of a table; a Gather repeats the rows. Constants of
/// one type whose rows are of one size share a table, with one Gather and one Split behind it: so a
/// parameter costs no node of its own, any runtime computes the right thing (most do it once, when
/// they load the model), and an executor that knows the pattern need not repeat anything.
class RepeatedRows {
 public:
  /// A value that holds the parts numbered in `numbers` laid one after the other along axis 0. The
  /// parts agree in type and dims.
  ValueId add(MergedGraph& merged, const std::vector<Tensor>& parts,
              const std::vector<std::int64_t>& numbers, const std::string& hint);

  /// Puts the nodes that yield all these values in front of the graph's nodes.
  void emit(MergedGraph& merged);

 private:
  struct Request {
    ValueId value;
    std::vector<std::size_t> parts;
  };
  struct Table {
    std::vector<Tensor> parts;
    std::map<int, std::size_t> part_of;  ///< by content
    std::vector<Request> requests;
    std::map<std::vector<std::size_t>, ValueId> known;  ///< by parts
  };

  static ValueId gather_rows(MergedGraph& merged, const Table& table, std::vector<Node>& nodes);

  std::map<std::vector<std::int64_t>, Table> tables_;  // by element type and dims of a row
};

}  // namespace braid
