#include "merge/repeated_constants.hpp"

#include "merge/node_builder.hpp"

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
  NodeBuilder builder(merged, "repeated");
  const std::size_t first = merged.graph.nodes.size();
  for (const auto& [key, table] : tables_) {
    std::vector<ValueId> parts;
    std::vector<ValueId> values;
    std::vector<std::int64_t> lengths;
    for (const Request& request : table.requests) {
      parts.insert(parts.end(), request.parts.begin(), request.parts.end());
      values.push_back(request.value);
      lengths.push_back(request.length);
    }
    Attributes attributes;
    attributes.set("axis", std::int64_t{0});
    if (values.size() == 1) {
      builder.define_values(values, "Concat", std::move(parts), std::move(attributes));
    } else {
      builder.split_into(values, lengths, builder.concat(std::move(parts), 0), 0);
    }
  }
  merged.move_to_front(first, "mixed");
}

}  // namespace braid
