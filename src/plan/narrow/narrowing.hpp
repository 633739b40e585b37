#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "braid/graph.hpp"
#include "plan/narrow/region.hpp"

namespace braid {

/// A node of whose outputs only regions are needed. All dims are known and positive.
struct NarrowSite {
  const Graph& graph;
  const Node& node;
  std::int64_t opset = 0;
  std::vector<Dims> inputs;                   ///< none for absent ones
  std::vector<Dims> outputs;                  ///< likewise
  std::vector<std::optional<Region>> needed;  ///< by output; nothing of those that nobody reads

  bool has_input(std::size_t i) const { return node.input(i) != kAbsent; }

  /// Whether the first output is the only one that is read.
  bool needs_first_only() const;

  /// The axis that an attribute names, from the front; nothing if it is not one of `rank`.
  std::optional<std::size_t> axis(std::string_view name, std::int64_t fallback,
                                  std::size_t rank) const;
};

/// Adds constants to the graph that is rewritten.
using AddInts = std::function<ValueId(const std::vector<std::int64_t>& values, const Dims& dims)>;

/// What a node has to read so that it makes what is needed of it.
struct Narrowing {
  std::vector<std::optional<Region>> inputs;   ///< nothing: `respell` puts something in its place
  std::vector<std::optional<Region>> outputs;  ///< contain what is needed; nothing: not made

  /// Makes the node compute `outputs` of the narrowed `inputs`; null if it does so as it is.
  std::function<void(Node& node, const AddInts& add_ints)> respell;
};

/// Nothing if the operator, or this use of it, is made from all it reads.
using NarrowRule = std::optional<Narrowing> (*)(const NarrowSite& site);

/// Null if the operator has no rule.
NarrowRule find_narrow_rule(const Node& node);

// ---- the rules, each set in the file named in front ----

// narrow_elementwise.cpp
std::optional<Narrowing> narrow_elementwise(const NarrowSite& site);
std::optional<Narrowing> narrow_expand(const NarrowSite& site);
std::optional<Narrowing> narrow_quantize_linear(const NarrowSite& site);

// narrow_products.cpp
std::optional<Narrowing> narrow_matmul(const NarrowSite& site);
std::optional<Narrowing> narrow_gemm(const NarrowSite& site);
std::optional<Narrowing> narrow_einsum(const NarrowSite& site);
std::optional<Narrowing> narrow_conv(const NarrowSite& site);
std::optional<Narrowing> narrow_conv_transpose(const NarrowSite& site);
std::optional<Narrowing> narrow_recurrent(const NarrowSite& site);

// narrow_movement.cpp
std::optional<Narrowing> narrow_concat(const NarrowSite& site);
std::optional<Narrowing> narrow_gather(const NarrowSite& site);
std::optional<Narrowing> narrow_gather_nd(const NarrowSite& site);
std::optional<Narrowing> narrow_reshape(const NarrowSite& site);
std::optional<Narrowing> narrow_slice(const NarrowSite& site);
std::optional<Narrowing> narrow_split(const NarrowSite& site);
std::optional<Narrowing> narrow_transpose(const NarrowSite& site);

// narrow_along_axes.cpp: operators that work along some axes, and alike along all others
std::optional<Narrowing> narrow_batch_normalization(const NarrowSite& site);
std::optional<Narrowing> narrow_group_normalization(const NarrowSite& site);
std::optional<Narrowing> narrow_layer_normalization(const NarrowSite& site);
std::optional<Narrowing> narrow_pad(const NarrowSite& site);
std::optional<Narrowing> narrow_planes(const NarrowSite& site);
std::optional<Narrowing> narrow_reduce(const NarrowSite& site);
std::optional<Narrowing> narrow_softmax(const NarrowSite& site);

}  // namespace braid
