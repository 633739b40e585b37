#include <map>

#include "backends/cpu/bind.hpp"
#include "backends/cpu/elementwise_operators.hpp"
#include "plan/operator.hpp"

namespace braid {

Binder find_binder(std::string_view domain, std::string_view name) {
  static const std::map<std::pair<std::string_view, std::string_view>, Binder> table = {
      {{"", "BatchNormalization"}, bind_batch_normalization},
      {{"", "GroupNormalization"}, bind_group_normalization},
      {{"", "InstanceNormalization"}, bind_instance_normalization},
      {{"", "LayerNormalization"}, bind_layer_normalization},
      {{"", "LogSoftmax"}, bind_log_softmax},
      {{"", "MatMul"}, bind_matmul},
      {{"", "RMSNormalization"}, bind_layer_normalization},
      {{"", "ReduceL1"}, bind_reduce},
      {{"", "ReduceL2"}, bind_reduce},
      {{"", "ReduceLogSum"}, bind_reduce},
      {{"", "ReduceMax"}, bind_reduce},
      {{"", "ReduceMean"}, bind_reduce},
      {{"", "ReduceMin"}, bind_reduce},
      {{"", "ReduceProd"}, bind_reduce},
      {{"", "ReduceSum"}, bind_reduce},
      {{"", "ReduceSumSquare"}, bind_reduce},
      {{"", "Softmax"}, bind_softmax},
      {{kFusedDomain, "AveragePool"}, bind_pool},
      {{kFusedDomain, "Conv"}, bind_conv},
      {{kFusedDomain, "Elementwise"}, bind_elementwise_chain},
      {{kFusedDomain, "GlobalAveragePool"}, bind_pool},
      {{kFusedDomain, "GlobalMaxPool"}, bind_pool},
      {{kFusedDomain, "MatMul"}, bind_matmul},
      {{kFusedDomain, "MaxPool"}, bind_pool},
      {{kFusedDomain, "SkipLayerNormalization"}, bind_skip_layer_normalization},
  };
  const auto found = table.find({domain, name});
  if (found != table.end()) return found->second;
  return domain.empty() && is_elementwise_operator(name) ? bind_elementwise : nullptr;
}

}  // namespace braid
