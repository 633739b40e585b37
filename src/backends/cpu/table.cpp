#include <map>

#include "backends/cpu/bind.hpp"

namespace braid {

Binder find_binder(std::string_view domain, std::string_view name) {
  static const std::map<std::pair<std::string_view, std::string_view>, Binder> table = {
      {{"", "MatMul"}, bind_matmul},
  };
  const auto found = table.find({domain, name});
  return found != table.end() ? found->second : nullptr;
}

}  // namespace braid
