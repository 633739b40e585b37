#pragma once

#include <optional>
#include <string>
#include <vector>

#include "braid/graph.hpp"

namespace braid {

/// One element of a value that shape arithmetic computes: a number, or the size of a symbolic dim.
/// Neither if nothing is known.
struct ShapeElement {
  std::optional<std::int64_t> number;
  std::string symbol;

  bool is_known() const { return number || !symbol.empty(); }
  bool operator==(const ShapeElement&) const = default;
};

/// What inference of types does not follow: comparisons and selections of dims. Holds the elements
/// of integers and booleans of rank 0 and 1.
class ShapeValues {
 public:
  /// The graph must be in topological order and must not change as long as this lives.
  explicit ShapeValues(const Graph& graph);

  /// Empty if not every element is known.
  std::optional<std::vector<ShapeElement>> known(ValueId id) const;

 private:
  using Elements = std::vector<ShapeElement>;

  void follow(const Node& node);
  std::optional<Elements> result(const Node& node) const;
  std::optional<Elements> shape(const Node& node) const;
  std::optional<Elements> gather(const Node& node) const;
  std::optional<Elements> slice(const Node& node) const;
  std::optional<Elements> concat(const Node& node) const;
  std::optional<Elements> equal(const Node& node) const;
  std::optional<Elements> where(const Node& node) const;
  const std::optional<Elements>& elements(ValueId id) const;

  const Graph& graph_;
  std::vector<std::optional<Elements>> elements_;  // by value
};

}  // namespace braid
