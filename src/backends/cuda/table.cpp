#include <map>

#include "backends/cuda/bind.hpp"
#include "backends/cuda/elementwise_operators.hpp"

namespace braid::cuda {
namespace {

using Name = std::pair<std::string_view, std::string_view>;

const std::map<Name, Binder>& binders() {
  static const std::map<Name, Binder> table = {
      {{"", "ArgMax"}, bind_arg_extremum},
      {{"", "ArgMin"}, bind_arg_extremum},
      {{"", "AveragePool"}, bind_pool},
      {{"", "BatchNormalization"}, bind_batch_normalization},
      {{"", "Concat"}, bind_concat},
      {{"", "ConstantOfShape"}, bind_constant_of_shape},
      {{"", "Conv"}, bind_conv},
      {{"", "ConvTranspose"}, bind_conv_transpose},
      {{"", "CumProd"}, bind_scan},
      {{"", "CumSum"}, bind_scan},
      {{"", "DepthToSpace"}, bind_depth_to_space},
      {{"", "Einsum"}, bind_einsum},
      {{"", "Expand"}, bind_expand},
      {{"", "EyeLike"}, bind_eye_like},
      {{"", "Flatten"}, bind_identity},
      {{"", "Gather"}, bind_gather},
      {{"", "GatherElements"}, bind_gather_elements},
      {{"", "GatherND"}, bind_gather_nd},
      {{"", "GlobalAveragePool"}, bind_pool},
      {{"", "GlobalLpPool"}, bind_pool},
      {{"", "GlobalMaxPool"}, bind_pool},
      {{"", "GroupNormalization"}, bind_group_normalization},
      {{"", "GRU"}, bind_recurrent},
      {{"", "Identity"}, bind_identity},
      {{"", "InstanceNormalization"}, bind_instance_normalization},
      {{"", "LayerNormalization"}, bind_layer_normalization},
      {{"", "LogSoftmax"}, bind_softmax},
      {{"", "LpPool"}, bind_pool},
      {{"", "LSTM"}, bind_recurrent},
      {{"", "MatMul"}, bind_matmul},
      {{"", "MaxPool"}, bind_pool},
      {{"", "OneHot"}, bind_one_hot},
      {{"", "Pad"}, bind_pad},
      {{"", "ReduceL1"}, bind_reduce},
      {{"", "ReduceL2"}, bind_reduce},
      {{"", "ReduceLogSum"}, bind_reduce},
      {{"", "ReduceLogSumExp"}, bind_reduce},
      {{"", "ReduceMax"}, bind_reduce},
      {{"", "ReduceMean"}, bind_reduce},
      {{"", "ReduceMin"}, bind_reduce},
      {{"", "ReduceProd"}, bind_reduce},
      {{"", "ReduceSum"}, bind_reduce},
      {{"", "ReduceSumSquare"}, bind_reduce},
      {{"", "Reshape"}, bind_identity},
      {{"", "Resize"}, bind_resize},
      {{"", "ReverseSequence"}, bind_reverse_sequence},
      {{"", "RMSNormalization"}, bind_layer_normalization},
      {{"", "RNN"}, bind_recurrent},
      {{"", "ScatterElements"}, bind_scatter_elements},
      {{"", "ScatterND"}, bind_scatter_nd},
      {{"", "Slice"}, bind_slice},
      {{"", "Softmax"}, bind_softmax},
      {{"", "SpaceToDepth"}, bind_space_to_depth},
      {{"", "Split"}, bind_split},
      {{"", "Squeeze"}, bind_identity},
      {{"", "Tile"}, bind_tile},
      {{"", "TopK"}, bind_top_k},
      {{"", "Transpose"}, bind_transpose},
      {{"", "Trilu"}, bind_trilu},
      {{"", "Unsqueeze"}, bind_identity},
      {{"", "Upsample"}, bind_resize},
      {{kFusedDomain, "Attention"}, bind_attention},
      {{kFusedDomain, "AveragePool"}, bind_channels_last_pool},
      {{kFusedDomain, "Conv"}, bind_channels_last_conv},
      {{kFusedDomain, "Elementwise"}, bind_elementwise_chain},
      {{kFusedDomain, "GlobalAveragePool"}, bind_channels_last_pool},
      {{kFusedDomain, "GlobalMaxPool"}, bind_channels_last_pool},
      {{kFusedDomain, "GroupedMatMul"}, bind_grouped_matmul},
      {{kFusedDomain, "LayerNormalization"}, bind_member_normalization},
      {{kFusedDomain, "MatMul"}, bind_matmul},
      {{kFusedDomain, "MaxPool"}, bind_channels_last_pool},
      {{kFusedDomain, "RMSNormalization"}, bind_member_normalization},
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

std::vector<Name> bound_operators() {
  std::vector<Name> names;
  for (const std::string_view name : elementwise_operators())
    names.emplace_back("", name);
  for (const auto& [name, binder] : binders())
    names.push_back(name);
  return names;
}

}  // namespace braid::cuda
