#include <map>

#include "backends/cpu/bind.hpp"
#include "backends/cpu/elementwise_operators.hpp"

namespace braid {

Binder find_binder(std::string_view domain, std::string_view name) {
  static const std::map<std::pair<std::string_view, std::string_view>, Binder> table = {
      {{"", "MatMul"}, bind_matmul},
      {{kFusedDomain, "Elementwise"}, bind_elementwise_chain},
  };
  const auto found = table.find({domain, name});
  if (found != table.end()) return found->second;
  return domain.empty() && is_elementwise_operator(name) ? bind_elementwise : nullptr;
}

}  // namespace braid
