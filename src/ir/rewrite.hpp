#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "braid/graph.hpp"

namespace braid {

/// Hands out value names that occur nowhere in a graph or its subgraphs.
class NameSource {
 public:
  NameSource() = default;
  explicit NameSource(const Graph& graph) { reserve(graph); }

  void reserve(const Graph& graph);
  void reserve(const std::string& name) { taken_.insert(name); }

  /// `hint`, or `hint` with a number behind it if that is taken.
  std::string unique(const std::string& hint);

 private:
  std::unordered_set<std::string> taken_;
};

/// Lets readers of one value read another instead. Values that subgraphs read by name stay as they
/// are, and graph outputs keep their names.
class Replacement {
 public:
  explicit Replacement(Graph& graph);

  /// Records that `to` takes the place of `from`; false if that cannot be.
  bool replace(ValueId from, ValueId to);

  /// Rewires all readers. Returns whether anything was replaced.
  bool apply();

 private:
  ValueId resolve(ValueId id) const;

  Graph& graph_;
  std::vector<ValueId> target_;
  std::vector<bool> is_pinned_;  // read by a subgraph
  std::vector<bool> is_output_;
  std::vector<bool> is_produced_;  // by a node of this graph
  bool has_replaced_ = false;
};

/// Removes nodes that nobody reads, and values that nobody mentions. Inputs and outputs stay.
void remove_dead(Graph& graph);

/// Rank of a tensor value, if known.
std::optional<int> rank_of(const Graph& graph, ValueId id);

/// Shape of a tensor value, if its rank is known; else null.
const Shape* shape_of(const Graph& graph, ValueId id);

/// The dims if all are known.
std::optional<std::vector<std::int64_t>> known_dims(const Graph& graph, ValueId id);

/// The integers of a constant input; empty if absent, not constant or without data.
std::optional<std::vector<std::int64_t>> constant_ints(const Graph& graph, ValueId id);

/// The number in a constant of one element (of 16 to 64 bits, or boolean); empty if it is none.
std::optional<double> constant_scalar(const Graph& graph, ValueId id);

/// For each value how often nodes read it; graph outputs and subgraphs count as readers.
std::vector<int> reader_counts(const Graph& graph);

/// Makes a value a constant; its type becomes that of the data.
void set_constant(Value& value, Tensor data);

/// Whether a pass may put a constant in the place of what `node` makes of the weight that it reads
/// first: nobody else reads the weight (both would be stored), and the result is no graph output.
bool is_weight_of_its_own(const Graph& graph, const Node& node, const std::vector<int>& readers);

/// The node becomes another operator of its first input alone.
void become_unary(Node& node, const std::string& op_type);

/// For each value the index of the node that produces it, -1 if none does.
std::vector<int> producers(const Graph& graph);

/// The node that produces a value, if it is one of this operator; else null.
const Node* producer_of(const Graph& graph, const std::vector<int>& producer, ValueId id,
                        std::string_view op_type);

/// Where a bound of Slice or Shape lies on an axis of `size` elements: from the end if negative,
/// and within it.
std::int64_t bounded_place(std::int64_t bound, std::int64_t size);

}  // namespace braid
