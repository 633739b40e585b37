#include <map>

#include "backends/cuda/bind.hpp"

namespace braid::cuda {
namespace {

using Name = std::pair<std::string_view, std::string_view>;

const std::map<Name, Binder>& binders() {
  static const std::map<Name, Binder> table = {
      {{"", "MatMul"}, bind_matmul},
      {{kFusedDomain, "MatMul"}, bind_matmul},
  };
  return table;
}

}  // namespace

Binder find_binder(std::string_view domain, std::string_view name) {
  const auto found = binders().find({domain, name});
  return found == binders().end() ? nullptr : found->second;
}

std::vector<Name> bound_operators() {
  std::vector<Name> names;
  for (const auto& [name, binder] : binders())
    names.push_back(name);
  return names;
}

}  // namespace braid::cuda
