#pragma once

#include <string>
#include <vector>

#include "merge/merged_graph.hpp"

namespace braid {

/// Adds nodes to the end of a merged graph, spelled as its opset wants them. Value ids are those of
/// the merged graph. New nodes and values are named after a hint.
class NodeBuilder {
 public:
  NodeBuilder(MergedGraph& merged, std::string hint) : merged_(merged), hint_(std::move(hint)) {}

  MergedGraph& merged() { return merged_; }
  std::int64_t opset() const { return merged_.opset; }

  /// Names further nodes and values after this.
  void set_hint(std::string hint) { hint_ = std::move(hint); }

  /// A node with one output, which is new.
  ValueId add(const std::string& op_type, std::vector<ValueId> inputs, Attributes attributes = {});

  /// A node that yields values which exist already.
  void define_values(const std::vector<ValueId>& outputs, const std::string& op_type,
                     std::vector<ValueId> inputs, Attributes attributes = {});

  ValueId constant(Tensor tensor, const std::string& hint) {
    return merged_.constant(std::move(tensor), hint);
  }
  ValueId ints(const std::vector<std::int64_t>& values);

  ValueId reshape(ValueId id, const std::vector<std::int64_t>& target);
  ValueId transpose(ValueId id, const std::vector<std::int64_t>& perm);
  ValueId unsqueeze(ValueId id, const std::vector<std::int64_t>& axes);
  ValueId squeeze(ValueId id, const std::vector<std::int64_t>& axes);
  ValueId cast(ValueId id, DType to);
  ValueId concat(std::vector<ValueId> ids, std::int64_t axis);
  ValueId gather(ValueId id, ValueId indices, std::int64_t axis);
  ValueId reduce_sum(ValueId id, const std::vector<std::int64_t>& axes, bool keeps_dims);

  /// Into `count` equal parts.
  std::vector<ValueId> split(ValueId id, std::int64_t axis, int count);

  /// Into these values, of these lengths.
  void split_into(const std::vector<ValueId>& parts, const std::vector<std::int64_t>& lengths,
                  ValueId id, std::int64_t axis);

 private:
  ValueId with_axes(const std::string& op_type, ValueId id, const std::vector<std::int64_t>& axes,
                    Attributes attributes = {});

  MergedGraph& merged_;
  std::string hint_;
};

}  // namespace braid
