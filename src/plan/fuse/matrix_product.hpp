#pragma once

#include <optional>

#include "braid/graph.hpp"
#include "plan/fuse/strided_view.hpp"

namespace braid {

/// A MatMul or an Einsum as a batch of matrix products y = a b: the values and, for each, the axes
/// that make it [batch..., rows, columns].
struct MatrixProduct {
  struct Operand {
    ValueId id = kAbsent;
    StridedView::Dims perm;  ///< as Transpose has it

    /// The operand's elements, of which `view` has the operand's own axes, as matrices.
    StridedView as_matrices(const StridedView& view) const { return view.transposed(perm); }
  };

  const Node* node = nullptr;
  Operand a;
  Operand b;
  Operand y;
};

/// Where y has its matrices innermost, as it is. Nothing for other nodes, nor if sizes are not
/// known, or letters repeat, stand for several sizes or are summed over in one operand alone.
std::optional<MatrixProduct> product_with_matrices(const Graph& graph, const Node& node);

/// Where `a`, an operand of the node, has its matrices innermost, as it is.
std::optional<MatrixProduct> product_of_matrices(const Graph& graph, const Node& node, ValueId a);

}  // namespace braid
