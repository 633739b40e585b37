#include "merge/repeated_constants.hpp"

#include "merge/emitter.hpp"

namespace braid {

ValueId RepeatedConstants::add(MergedGraph& merged, const std::vector<Tensor>& parts,
                               const std::vector<std::int64_t>& numbers, const std::string& hint) {
  std::vector<std::int64_t> key = parts[0].dims();
  key[0] = static_cast<std::int64_t>(parts[0].dtype());
  Table& table = tables_[key];
  std::vector<ValueId> stored;
  for (const Tensor& part : parts)
    stored.push_back(merged.constant(part, hint));
  Request request{kAbsent, {}, 0};
  for (const std::int64_t number : numbers) {
    const auto at = static_cast<std::size_t>(number);
    request.parts.push_back(stored[at]);
    request.length += parts[at].dim(0);
  }
  const auto [it, is_new] = table.known.try_emplace(request.parts, kAbsent);
  if (!is_new) return it->second;
  request.value = it->second = merged.graph.add_value(merged.names.unique(hint + "/repeated"));
  table.requests.push_back(std::move(request));
  return it->second;
}

void RepeatedConstants::emit(MergedGraph& merged) const {
  constexpr std::int64_t kSizesAreAnInput = 13;  // of Split
  std::vector<Node> nodes;
  const auto add_node = [&](const std::string& op_type) -> Node& {
    Node& node = nodes.emplace_back();
    node.op_type = op_type;
    node.name = merged.node_names.unique("repeated/" + op_type);
    node.metadata.emplace_back("braid.rule", "mixed");
    return node;
  };
  for (const auto& [key, table] : tables_) {
    std::vector<std::int64_t> lengths;
    Node& concat = add_node("Concat");
    concat.attributes.set("axis", std::int64_t{0});
    for (const Request& request : table.requests) {
      concat.inputs.insert(concat.inputs.end(), request.parts.begin(), request.parts.end());
      lengths.push_back(request.length);
    }
    if (table.requests.size() == 1) {
      concat.outputs = {table.requests[0].value};
      continue;
    }
    const ValueId joined = merged.graph.add_value(merged.names.unique("repeated"));
    concat.outputs = {joined};
    Node& split = add_node("Split");
    split.inputs = {joined};
    if (merged.opset >= kSizesAreAnInput) {
      const auto count = static_cast<std::int64_t>(lengths.size());
      split.inputs.push_back(
          merged.constant(Tensor::of<std::int64_t>({count}, lengths), "lengths"));
    } else {
      split.attributes.set("split", lengths);
    }
    for (const Request& request : table.requests)
      split.outputs.push_back(request.value);
  }
  merged.graph.nodes.insert(merged.graph.nodes.begin(), nodes.begin(), nodes.end());
}

}  // namespace braid
