#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "braid/types.hpp"

namespace braid {

/// Symbolic dims of several architectures that are known to be one size. Two symbols of one
/// architecture are never taken to be one.
class SymbolClasses {
 public:
  /// Ties dims of `a`, a type of architecture `first`, to those of `b` of `second`. False, and
  /// nothing is tied, if that would make two symbols of one architecture one.
  bool unify(std::size_t first, const Type& a, std::size_t second, const Type& b);

  /// Makes a symbol known.
  void meet(std::size_t architecture, const std::string& symbol) {
    class_of({architecture, symbol});
  }

  /// What to call a symbol: equal for symbols that were tied, and different for two symbols of one
  /// architecture. Symbols of two architectures that have the same name and were not tied share it.
  std::string name_of(std::size_t architecture, const std::string& symbol);

 private:
  using Key = std::pair<std::size_t, std::string>;

  int class_of(const Key& key);
  bool can_join(int a, int b) const;
  void join(int a, int b);
  void name_classes();

  std::map<Key, int> classes_;
  std::vector<std::vector<Key>> members_;  // by class
  std::vector<std::string> names_;         // by class
};

}  // namespace braid
