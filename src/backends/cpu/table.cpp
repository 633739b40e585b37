#include <map>

#include "backends/cpu/bind.hpp"
#include "plan/operator.hpp"

namespace braid {

Binder find_binder(std::string_view domain, std::string_view name) {
  static const std::map<std::pair<std::string_view, std::string_view>, Binder> table = {
      {{"", "MatMul"}, bind_matmul},
      {{kFusedDomain, "AveragePool"}, bind_pool},
      {{kFusedDomain, "Conv"}, bind_conv},
      {{kFusedDomain, "GlobalAveragePool"}, bind_pool},
      {{kFusedDomain, "GlobalMaxPool"}, bind_pool},
      {{kFusedDomain, "MatMul"}, bind_matmul},
      {{kFusedDomain, "MaxPool"}, bind_pool},
  };
  const auto found = table.find({domain, name});
  return found != table.end() ? found->second : nullptr;
}

}  // namespace braid
