#include <algorithm>

#include "merge/family.hpp"
#include "merge/match_sequences.hpp"
#include "merge/node_labels.hpp"
#include "merge/unify_symbols.hpp"

namespace braid {
namespace {

using Sequence = std::vector<LabelledNode>;
using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

struct Draft {
  Family family;
  Sequence sequence;  // one letter per column, that of its first architecture
  SymbolClasses symbols;
};

const Graph& exemplar(const std::vector<FoundGroup>& groups, std::size_t group) {
  return groups[group].aligned.exemplar();
}

// Ties the symbols of what two nodes with equal labels read and write.
bool tie_nodes(SymbolClasses& symbols, std::size_t first, const Graph& a, const Node& n,
               std::size_t second, const Graph& b, const Node& m) {
  const auto tie = [&](const std::vector<ValueId>& x, const std::vector<ValueId>& y) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (x[i] == kAbsent || y[i] == kAbsent) continue;
      if (!symbols.unify(first, a.value(x[i]).type, second, b.value(y[i]).type)) return false;
    }
    return true;
  };
  return tie(n.inputs, m.inputs) && tie(n.outputs, m.outputs);
}

// Keeps the pairs under which no two symbols of one architecture would have to be one size.
Pairs pairs_with_symbols(Draft& draft, const std::vector<FoundGroup>& groups, std::size_t added,
                         const Sequence& sequence, const Pairs& pairs) {
  const std::size_t position = draft.family.groups.size();
  const Graph& b = exemplar(groups, added);
  Pairs kept;
  for (const auto& [i, j] : pairs) {
    const Column& column = draft.family.columns[i];
    const Node& m = b.nodes[static_cast<std::size_t>(sequence[j].node)];
    const SymbolClasses before = draft.symbols;
    bool fits = true;
    for (std::size_t g = 0; g < column.nodes.size() && fits; ++g) {
      if (column.nodes[g] < 0) continue;
      const Graph& a = exemplar(groups, draft.family.groups[g]);
      const Node& n = a.nodes[static_cast<std::size_t>(column.nodes[g])];
      fits = tie_nodes(draft.symbols, g, a, n, position, b, m);
    }
    if (fits) {
      kept.emplace_back(i, j);
    } else {
      draft.symbols = before;
    }
  }
  return kept;
}

// Columns and nodes in one order, paired ones in one column.
void weave(Draft& draft, std::size_t added, const Sequence& sequence, const Pairs& pairs) {
  std::vector<Column> columns;
  Sequence letters;
  const std::size_t groups = draft.family.groups.size();
  const auto take_column = [&](std::size_t i, int node) {
    columns.push_back(draft.family.columns[i]);
    columns.back().nodes.push_back(node);
    letters.push_back(draft.sequence[i]);
  };
  const auto take_node = [&](std::size_t j) {
    Column& column = columns.emplace_back();
    column.nodes.assign(groups, -1);
    column.nodes.push_back(sequence[j].node);
    letters.push_back(sequence[j]);
  };
  std::size_t i = 0;
  std::size_t j = 0;
  const auto take_until = [&](std::size_t last_column, std::size_t last_node) {
    while (i < last_column)
      take_column(i++, -1);
    while (j < last_node)
      take_node(j++);
  };
  for (const auto& [column, node] : pairs) {
    take_until(column, node);
    take_column(i++, sequence[j++].node);
  }
  take_until(draft.family.columns.size(), sequence.size());
  draft.family.columns = std::move(columns);
  draft.sequence = std::move(letters);
  draft.family.groups.push_back(added);
}

bool joins(Draft& draft, const std::vector<FoundGroup>& groups, std::size_t added,
           const Sequence& sequence) {
  const Pairs pairs = match_sequences(draft.sequence, sequence);
  const std::size_t smaller = std::min(draft.sequence.size(), sequence.size());
  if (smaller == 0 || 2 * pairs.size() < smaller) return false;
  const SymbolClasses before = draft.symbols;
  const Pairs kept = pairs_with_symbols(draft, groups, added, sequence, pairs);
  if (2 * kept.size() < smaller) {
    draft.symbols = before;
    return false;
  }
  weave(draft, added, sequence, kept);
  return true;
}

Draft start(std::size_t group, const Sequence& sequence) {
  Draft draft;
  draft.family.groups = {group};
  draft.sequence = sequence;
  for (const LabelledNode& letter : sequence)
    draft.family.columns.push_back({{letter.node}, -1, -1});
  return draft;
}

void name_symbols(Draft& draft, const std::vector<FoundGroup>& groups) {
  const auto for_each_symbol = [&](const auto& visit) {
    for (std::size_t g = 0; g < draft.family.groups.size(); ++g) {
      for (const Value& value : exemplar(groups, draft.family.groups[g]).values) {
        if (!value.type.shape) continue;
        for (const Dim& dim : *value.type.shape) {
          if (!dim.symbol.empty()) visit(g, dim.symbol);
        }
      }
    }
  };
  draft.family.symbols.resize(draft.family.groups.size());
  for_each_symbol([&](std::size_t g, const std::string& symbol) {
    draft.symbols.meet(g, symbol);  // all of them, before the first is named
  });
  for_each_symbol([&](std::size_t g, const std::string& symbol) {
    draft.family.symbols[g][symbol] = draft.symbols.name_of(g, symbol);
  });
}

}  // namespace

std::vector<Family> find_families(const std::vector<FoundGroup>& groups, ContentIndex& contents) {
  NodeLabels labels(contents);
  std::vector<Draft> drafts;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const Sequence sequence = labels.label(exemplar(groups, g));
    const bool has_joined = std::any_of(drafts.begin(), drafts.end(), [&](Draft& draft) {
      return joins(draft, groups, g, sequence);
    });
    if (!has_joined) drafts.push_back(start(g, sequence));
  }
  std::vector<Family> families;
  families.reserve(drafts.size());  // pieces are referred to: families must not be copied
  for (Draft& draft : drafts) {
    for (const std::size_t g : draft.family.groups) {
      const auto& members = groups[g].members;
      draft.family.members.insert(draft.family.members.end(), members.begin(), members.end());
    }
    name_symbols(draft, groups);
    cut_into_pieces(draft.family, groups);
    families.push_back(std::move(draft.family));
  }
  return families;
}

}  // namespace braid
