#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "braid/graph.hpp"
#include "ir/rewrite.hpp"
#include "merge/repeated_constants.hpp"
#include "merge/share.hpp"

namespace braid {

/// The merged model, or a subgraph of it, as it grows: the graph, its names, and each distinct
/// constant once. Constants stand in the outermost graph, from where subgraphs read them.
struct MergedGraph {
  explicit MergedGraph(MergedGraph* graph_around = nullptr)
      : parent(graph_around),
        names(parent != nullptr ? parent->names : own_names),
        node_names(parent != nullptr ? parent->node_names : own_node_names),
        contents(parent != nullptr ? parent->contents : own_contents),
        opset(parent != nullptr ? parent->opset : 0) {}

  // What the first number of a key of stored() says.
  static constexpr std::int64_t kWhole = 0;
  static constexpr std::int64_t kConcatenation = 1;

  MergedGraph(const MergedGraph&) = delete;
  MergedGraph& operator=(const MergedGraph&) = delete;

  /// The constant with this content, added under a name like `hint` if it is new.
  ValueId constant(Tensor tensor, const std::string& hint);
  /// The constant that `key` stands for, made when it is asked for first.
  ValueId stored(const std::vector<std::int64_t>& key, const std::string& hint,
                 const std::function<Tensor()>& make);

  /// RepeatedConstants::add() of the outermost graph.
  ValueId repeat(const std::vector<Tensor>& parts, const std::vector<std::int64_t>& numbers,
                 const std::string& hint);

  /// A value of the graph around, as this subgraph reads it.
  ValueId import(ValueId outer);
  /// Marks the nodes from number `first` on as made by `rule`.
  void mark_nodes(std::size_t first, const std::string& rule);

  /// mark_nodes(), and puts them in front of the others.
  void move_to_front(std::size_t first, const std::string& rule);

  bool is_imported(ValueId id) const { return graph.value(id).is_outer; }

  MergedGraph* parent;  ///< the graph around a subgraph
  NameSource own_names;
  NameSource own_node_names;
  ContentIndex own_contents;
  NameSource& names;  ///< of values
  NameSource& node_names;
  ContentIndex& contents;
  std::int64_t opset;
  Graph graph;
  /// Constants by what they hold: numbers of the contents, how they are stacked, and dims.
  std::map<std::vector<std::int64_t>, ValueId> constants;
  RepeatedConstants repeated;
  std::map<ValueId, ValueId> imported;
  std::vector<std::string> member_names;
};

}  // namespace braid
