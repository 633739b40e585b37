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
/// Each distinct one is stored once, and a Concat lists them as often as they are needed. Those of
/// one type and, but for the first, the same dims share one Concat with a Split behind it: so a
/// parameter costs no node of its own, any runtime computes the right thing (most do it once, when
/// they load the model), and an executor that knows the pattern need not repeat anything.
class RepeatedConstants {
 public:
  /// A value that holds the parts numbered in `numbers` laid one after the other along axis 0. The
  /// parts agree in type and dims.
  ValueId add(MergedGraph& merged, const std::vector<Tensor>& parts,
              const std::vector<std::int64_t>& numbers, const std::string& hint);

  /// Puts the nodes that yield all these values in front of the graph's nodes.
  void emit(MergedGraph& merged) const;

 private:
  struct Request {
    ValueId value;
    std::vector<ValueId> parts;
    std::int64_t length;  ///< along axis 0
  };
  struct Table {
    std::vector<Request> requests;
    std::map<std::vector<ValueId>, ValueId> known;  ///< by parts
  };

  std::map<std::vector<std::int64_t>, Table> tables_;  // by element type and dims of a row
};

}  // namespace braid
