#pragma once

#include <string>
#include <vector>

#include "braid/graph.hpp"
#include "plan/operator.hpp"

namespace braid {

/// ai.braid.GroupedMatMul computes several ai.braid.MatMul that do not depend on each other: of
/// each it has four inputs (a, b, bias, summand; absent or not), one output, and the attributes, to
/// whose names the number of the product is added.
Node group_matmuls(const std::vector<const Node*>& products);

/// Its products. They refer to attributes of this, which is neither copied nor moved.
class GroupedMatMul {
 public:
  explicit GroupedMatMul(const Operator& op);
  GroupedMatMul(const GroupedMatMul&) = delete;
  GroupedMatMul& operator=(const GroupedMatMul&) = delete;

  const std::vector<Operator>& products() const { return products_; }

  /// The place of a product's input among those of all.
  static std::size_t input(std::size_t product, std::size_t i);

 private:
  std::vector<Attributes> attributes_;
  std::vector<Operator> products_;
};

}  // namespace braid
