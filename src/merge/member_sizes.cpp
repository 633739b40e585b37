#include "merge/member_sizes.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"
#include "merge/align.hpp"

namespace braid {
namespace {

// Operators whose inputs decide by their values how large the outputs are, and those of which
// nothing is known.
bool depends_on_data(const Node& node) {
  static constexpr std::array<std::string_view, 6> kOperators = {
      "Compress", "ImageDecoder", "NonMaxSuppression", "NonZero", "StringNormalizer", "Unique"};
  return has_subgraph(node) || (!node.domain.empty() && find_rule(node) == nullptr) ||
         node.op_type.starts_with("Optional") ||
         std::find(kOperators.begin(), kOperators.end(), node.op_type) != kOperators.end();
}

}  // namespace

void MemberSizes::add_inputs(const Graph& model) {
  for (const ValueId id : model.inputs) {
    const Shape* shape = shape_of(model, id);
    if (shape == nullptr) continue;
    for (const Dim& dim : *shape)
      if (!dim.symbol.empty()) symbols_.insert(dim.symbol);
  }
}

bool MemberSizes::is_settled(const Graph& graph, ValueId id) const {
  const Shape* shape = shape_of(graph, id);
  return shape != nullptr && std::all_of(shape->begin(), shape->end(), [&](const Dim& dim) {
           return dim.is_known() || symbols_.contains(dim.symbol);
         });
}

bool MemberSizes::may_differ(const Graph& graph, const Node& node, ValueId id,
                             const std::vector<Kind>& kinds,
                             const std::vector<bool>& is_ragged) const {
  if (is_settled(graph, id)) return false;
  const bool is_open = depends_on_data(node);
  const auto may = [&](ValueId read, bool decides) {
    const auto at = static_cast<std::size_t>(read);
    return is_ragged[at] || (decides && kinds[at] == Kind::Stacked);
  };
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const bool decides = is_open || sets_structure(node, i);
    if (node.inputs[i] != kAbsent && may(node.inputs[i], decides)) return true;
  }
  const std::vector<ValueId> reads = read_values(graph, node);
  return std::any_of(reads.begin(), reads.end(), [&](ValueId read) { return may(read, is_open); });
}

}  // namespace braid
