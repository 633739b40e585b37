#include "merge/unify_symbols.hpp"

namespace braid {

int SymbolClasses::class_of(const Key& key) {
  const auto [it, is_new] = classes_.try_emplace(key, static_cast<int>(members_.size()));
  if (is_new) members_.push_back({key});
  return it->second;
}

bool SymbolClasses::can_join(int a, int b) const {
  if (a == b) return true;
  for (const Key& x : members_[static_cast<std::size_t>(a)]) {
    for (const Key& y : members_[static_cast<std::size_t>(b)]) {
      if (x.first == y.first) return false;
    }
  }
  return true;
}

void SymbolClasses::join(int a, int b) {
  if (a == b) return;
  if (b < a) std::swap(a, b);
  auto& kept = members_[static_cast<std::size_t>(a)];
  for (Key& key : members_[static_cast<std::size_t>(b)]) {
    classes_[key] = a;
    kept.push_back(std::move(key));
  }
  members_[static_cast<std::size_t>(b)].clear();
}

bool SymbolClasses::unify(std::size_t first, const Type& a, std::size_t second, const Type& b) {
  if (first == second || !a.shape || !b.shape || a.shape->size() != b.shape->size()) return true;
  const SymbolClasses before = *this;
  for (std::size_t i = 0; i < a.shape->size(); ++i) {
    const Dim& x = (*a.shape)[i];
    const Dim& y = (*b.shape)[i];
    if (x.is_known() || y.is_known() || x.symbol.empty() || y.symbol.empty()) continue;
    const int p = class_of({first, x.symbol});
    const int q = class_of({second, y.symbol});
    if (!can_join(p, q)) {
      *this = before;
      return false;
    }
    join(p, q);
  }
  return true;
}

void SymbolClasses::name_classes() {
  names_.clear();
  for (std::size_t c = 0; c < members_.size(); ++c) {
    if (members_[c].empty()) {
      names_.emplace_back();
      continue;
    }
    const std::string& symbol = members_[c][0].second;
    std::string name = symbol;
    const auto is_taken = [&] {
      for (std::size_t other = 0; other < c; ++other) {
        if (names_[other] != name) continue;
        if (!can_join(static_cast<int>(other), static_cast<int>(c))) return true;
      }
      return false;
    };
    for (int number = 2; is_taken(); ++number)
      name = symbol + "_" + std::to_string(number);
    names_.push_back(name);
  }
}

std::string SymbolClasses::name_of(std::size_t architecture, const std::string& symbol) {
  const auto found = static_cast<std::size_t>(class_of({architecture, symbol}));
  if (names_.size() != members_.size()) name_classes();
  return names_[found];
}

}  // namespace braid
