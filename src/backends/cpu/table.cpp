#include <map>

#include "backends/cpu/bind.hpp"
#include "backends/cpu/elementwise_operators.hpp"
#include "plan/operator.hpp"

namespace braid {

namespace {

const std::map<OperatorName, Binder>& binders() {
  static const std::map<OperatorName, Binder> table = {
      {{"", "ArgMax"}, bind_arg_max},
      {{"", "ArgMin"}, bind_arg_min},
      {{"", "BatchNormalization"}, bind_batch_normalization},
      {{"", "Concat"}, bind_concat},
      {{"", "ConstantOfShape"}, bind_constant_of_shape},
      {{"", "CumSum"}, bind_cum_sum},
      {{"", "DepthToSpace"}, bind_depth_to_space},
      {{"", "Expand"}, bind_expand},
      {{"", "EyeLike"}, bind_eye_like},
      {{"", "GRU"}, bind_gru},
      {{"", "Gather"}, bind_gather},
      {{"", "GatherElements"}, bind_gather_elements},
      {{"", "GatherND"}, bind_gather_nd},
      {{"", "GroupNormalization"}, bind_group_normalization},
      {{"", "InstanceNormalization"}, bind_instance_normalization},
      {{"", "LSTM"}, bind_lstm},
      {{"", "LayerNormalization"}, bind_layer_normalization},
      {{"", "LogSoftmax"}, bind_log_softmax},
      {{"", "MatMul"}, bind_matmul},
      {{kFusedDomain, "Attention"}, bind_attention},
      {{kFusedDomain, "AveragePool"}, bind_pool},
      {{kFusedDomain, "Conv"}, bind_conv},
      {{kFusedDomain, "GlobalAveragePool"}, bind_pool},
      {{kFusedDomain, "GlobalMaxPool"}, bind_pool},
      {{kFusedDomain, "MatMul"}, bind_matmul},
      {{kFusedDomain, "MaxPool"}, bind_pool},
      {{"", "OneHot"}, bind_one_hot},
      {{"", "Pad"}, bind_pad},
      {{"", "RMSNormalization"}, bind_layer_normalization},
      {{"", "RNN"}, bind_rnn},
      {{"", "ReduceL1"}, bind_reduce},
      {{"", "ReduceL2"}, bind_reduce},
      {{"", "ReduceLogSum"}, bind_reduce},
      {{"", "ReduceMax"}, bind_reduce},
      {{"", "ReduceMean"}, bind_reduce},
      {{"", "ReduceMin"}, bind_reduce},
      {{"", "ReduceProd"}, bind_reduce},
      {{"", "ReduceSum"}, bind_reduce},
      {{"", "ReduceSumSquare"}, bind_reduce},
      {{"", "Resize"}, bind_resize},
      {{"", "ReverseSequence"}, bind_reverse_sequence},
      {{"", "ScatterElements"}, bind_scatter_elements},
      {{"", "ScatterND"}, bind_scatter_nd},
      {{"", "Slice"}, bind_slice},
      {{"", "Softmax"}, bind_softmax},
      {{"", "SpaceToDepth"}, bind_space_to_depth},
      {{"", "Split"}, bind_split},
      {{"", "Tile"}, bind_tile},
      {{"", "TopK"}, bind_top_k},
      {{"", "Transpose"}, bind_transpose},
      {{"", "Trilu"}, bind_trilu},
      {{"", "Upsample"}, bind_resize},
      {{kFusedDomain, "Elementwise"}, bind_elementwise_chain},
      {{kFusedDomain, "SkipLayerNormalization"}, bind_skip_layer_normalization},
  };
  return table;
}

}  // namespace

Binder find_binder(std::string_view domain, std::string_view name) {
  const auto found = binders().find({domain, name});
  if (found != binders().end()) return found->second;
  return domain.empty() && is_elementwise_operator(name) ? bind_elementwise : nullptr;
}

std::vector<OperatorName> bound_operators() {
  std::vector<OperatorName> names;
  for (const std::string_view name : elementwise_operators())
    names.emplace_back("", name);
  for (const auto& [name, binder] : binders())
    names.push_back(name);
  return names;
}

}  // namespace braid
