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
      {{"", "DepthToSpace"}, bind_depth_to_space},
      {{"", "Expand"}, bind_expand},
      {{"", "Flatten"}, bind_identity},
      {{"", "GRU"}, bind_recurrent},
      {{"", "Gather"}, bind_gather},
      {{"", "GlobalAveragePool"}, bind_pool},
      {{"", "GlobalMaxPool"}, bind_pool},
      {{"", "GroupNormalization"}, bind_group_normalization},
      {{"", "Identity"}, bind_identity},
      {{"", "InstanceNormalization"}, bind_instance_normalization},
      {{"", "LSTM"}, bind_recurrent},
      {{"", "LayerNormalization"}, bind_layer_normalization},
      {{"", "LogSoftmax"}, bind_softmax},
      {{"", "MatMul"}, bind_matmul},
      {{"", "MaxPool"}, bind_pool},
      {{"", "Pad"}, bind_pad},
      {{"", "RMSNormalization"}, bind_layer_normalization},
      {{"", "RNN"}, bind_recurrent},
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
      {{"", "Slice"}, bind_slice},
      {{"", "Softmax"}, bind_softmax},
      {{"", "SpaceToDepth"}, bind_space_to_depth},
      {{"", "Split"}, bind_split},
      {{"", "Squeeze"}, bind_identity},
      {{"", "Tile"}, bind_tile},
      {{"", "TopK"}, bind_top_k},
      {{"", "Transpose"}, bind_transpose},
      {{"", "Unsqueeze"}, bind_identity},
      {{"", "Upsample"}, bind_resize},
      {{kFusedDomain, "Attention"}, bind_attention},
      {{kFusedDomain, "AveragePool"}, bind_channels_last_pool},
      {{kFusedDomain, "Conv"}, bind_channels_last_conv},
      {{kFusedDomain, "Elementwise"}, bind_elementwise_chain},
      {{kFusedDomain, "GlobalAveragePool"}, bind_channels_last_pool},
      {{kFusedDomain, "GlobalMaxPool"}, bind_channels_last_pool},
      {{kFusedDomain, "MatMul"}, bind_matmul},
      {{kFusedDomain, "MaxPool"}, bind_channels_last_pool},
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
