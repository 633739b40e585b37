#include "merge/merged_graph.hpp"

#include <algorithm>

namespace braid {

ValueId MergedGraph::stored(const std::vector<std::int64_t>& key, const std::string& hint,
                            const std::function<Tensor()>& make) {
  if (parent != nullptr) return import(parent->stored(key, hint, make));
  const auto found = constants.find(key);
  if (found != constants.end()) return found->second;
  const ValueId id = graph.add_constant(names.unique(hint), make());
  constants.emplace(key, id);
  return id;
}

ValueId MergedGraph::constant(Tensor tensor, const std::string& hint) {
  const int content = contents.id_of(tensor);
  return stored({kWhole, content}, hint, [&] { return tensor; });
}

ValueId MergedGraph::repeat(const std::vector<Tensor>& parts,
                            const std::vector<std::int64_t>& numbers, const std::string& hint) {
  if (parent != nullptr) return import(parent->repeat(parts, numbers, hint));
  return repeated.add(*this, parts, numbers, hint);
}

ValueId MergedGraph::import(ValueId outer) {
  const auto [it, is_new] = imported.try_emplace(outer, kAbsent);
  if (is_new) {
    const Value& value = parent->graph.value(outer);
    it->second = graph.add_value(value.name, value.type);
    graph.value(it->second).is_outer = true;
  }
  return it->second;
}

void MergedGraph::mark_nodes(std::size_t first, const std::string& rule) {
  for (std::size_t n = first; n < graph.nodes.size(); ++n)
    graph.nodes[n].metadata.emplace_back("braid.rule", rule);
}

void MergedGraph::move_to_front(std::size_t first, const std::string& rule) {
  mark_nodes(first, rule);
  const auto begin = graph.nodes.begin();
  std::rotate(begin, begin + static_cast<std::ptrdiff_t>(first), graph.nodes.end());
}

}  // namespace braid
