// Operator -> rule. What is not here runs once per member, which is always right.

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "merge/rules/rules.hpp"

namespace braid {
namespace {

struct Entry {
  std::string_view op;
  Rule rule;
};

constexpr std::array kRules = std::to_array<Entry>({
    {"Abs", elementwise_rule},
    {"Acos", elementwise_rule},
    {"Acosh", elementwise_rule},
    {"Add", elementwise_rule},
    {"AffineGrid", affine_grid_rule},
    {"And", elementwise_rule},
    {"ArgMax", axis_rule},
    {"ArgMin", axis_rule},
    {"Asin", elementwise_rule},
    {"Asinh", elementwise_rule},
    {"Atan", elementwise_rule},
    {"Atanh", elementwise_rule},
    {"Attention", batch_rule},
    {"AveragePool", channelwise_rule},
    {"BatchNormalization", blockwise_rule},
    {"BitCast", elementwise_rule},
    {"BitShift", elementwise_rule},
    {"BitwiseAnd", elementwise_rule},
    {"BitwiseNot", elementwise_rule},
    {"BitwiseOr", elementwise_rule},
    {"BitwiseXor", elementwise_rule},
    {"Cast", elementwise_rule},
    {"CausalConvWithState", blockwise_rule},
    {"Ceil", elementwise_rule},
    {"Celu", elementwise_rule},
    {"CenterCropPad", center_crop_pad_rule},
    {"Clip", clip_rule},
    {"Col2Im", channelwise_rule},
    {"Concat", concat_rule},
    {"Conv", conv_rule},
    {"ConvInteger", quantized_conv_rule},
    {"ConvTranspose", conv_rule},
    {"Cos", elementwise_rule},
    {"Cosh", elementwise_rule},
    {"CumProd", cumulative_rule},
    {"CumSum", cumulative_rule},
    {"DFT", dft_rule},
    {"DeformConv", blockwise_rule},
    {"DepthToSpace", depth_to_space_rule},
    {"DequantizeLinear", quantize_linear_rule},
    {"Det", matrices_rule},
    {"Div", elementwise_rule},
    {"Dropout", clip_rule},
    {"Einsum", einsum_rule},
    {"Elu", elementwise_rule},
    {"Equal", elementwise_rule},
    {"Erf", elementwise_rule},
    {"Exp", elementwise_rule},
    {"Expand", expand_rule},
    {"EyeLike", eye_like_rule},
    {"Flatten", flatten_rule},
    {"Floor", elementwise_rule},
    {"GRU", recurrent_rule},
    {"Gather", gather_rule},
    {"GatherElements", gather_elements_rule},
    {"GatherND", gather_nd_rule},
    {"Gelu", elementwise_rule},
    {"Gemm", gemm_rule},
    {"GlobalAveragePool", channelwise_rule},
    {"GlobalLpPool", channelwise_rule},
    {"GlobalMaxPool", channelwise_rule},
    {"Greater", elementwise_rule},
    {"GreaterOrEqual", elementwise_rule},
    {"GridSample", grid_sample_rule},
    {"GroupNormalization", blockwise_rule},
    {"HardSigmoid", elementwise_rule},
    {"HardSwish", elementwise_rule},
    {"Hardmax", axis_rule},
    {"Identity", elementwise_rule},
    {"If", if_rule},
    {"InstanceNormalization", blockwise_rule},
    {"IsInf", elementwise_rule},
    {"IsNaN", elementwise_rule},
    {"LRN", batchwise_rule},
    {"LSTM", recurrent_rule},
    {"LayerNormalization", layer_normalization_rule},
    {"LeakyRelu", elementwise_rule},
    {"Less", elementwise_rule},
    {"LessOrEqual", elementwise_rule},
    {"LinearAttention", batch_rule},
    {"Log", elementwise_rule},
    {"LogSoftmax", axis_rule},
    {"Loop", loop_rule},
    {"LpNormalization", lp_normalization_rule},
    {"LpPool", channelwise_rule},
    {"MatMul", matmul_rule},
    {"MatMulInteger", quantized_matmul_rule},
    {"Max", elementwise_rule},
    {"MaxPool", max_pool_rule},
    {"MaxRoiPool", max_roi_pool_rule},
    {"MaxUnpool", max_unpool_rule},
    {"Mean", elementwise_rule},
    {"MeanVarianceNormalization", mean_variance_normalization_rule},
    {"Min", elementwise_rule},
    {"Mish", elementwise_rule},
    {"Mod", elementwise_rule},
    {"Mul", elementwise_rule},
    {"Neg", elementwise_rule},
    {"NegativeLogLikelihoodLoss", loss_rule},
    {"Not", elementwise_rule},
    {"OneHot", one_hot_rule},
    {"Or", elementwise_rule},
    {"PRelu", elementwise_rule},
    {"Pad", pad_rule},
    {"Pow", elementwise_rule},
    {"QLinearConv", quantized_conv_rule},
    {"QLinearMatMul", quantized_matmul_rule},
    {"QuantizeLinear", quantize_linear_rule},
    {"RMSNormalization", layer_normalization_rule},
    {"RNN", recurrent_rule},
    {"Reciprocal", elementwise_rule},
    {"ReduceL1", reduce_rule},
    {"ReduceL2", reduce_rule},
    {"ReduceLogSum", reduce_rule},
    {"ReduceLogSumExp", reduce_rule},
    {"ReduceMax", reduce_rule},
    {"ReduceMean", reduce_rule},
    {"ReduceMin", reduce_rule},
    {"ReduceProd", reduce_rule},
    {"ReduceSum", reduce_rule},
    {"ReduceSumSquare", reduce_rule},
    {"RegexFullMatch", elementwise_rule},
    {"Relu", elementwise_rule},
    {"Reshape", reshape_rule},
    {"Resize", resize_rule},
    {"ReverseSequence", reverse_sequence_rule},
    {"RoiAlign", roi_align_rule},
    {"RotaryEmbedding", batch_rule},
    {"Round", elementwise_rule},
    {"STFT", batchwise_rule},
    {"Scan", scan_rule},
    {"Scatter", scatter_elements_rule},
    {"ScatterElements", scatter_elements_rule},
    {"ScatterND", scatter_nd_rule},
    {"Selu", elementwise_rule},
    {"SequenceLength", shape_rule},
    {"SequenceMap", sequence_map_rule},
    {"Shape", shape_rule},
    {"Shrink", elementwise_rule},
    {"Sigmoid", elementwise_rule},
    {"Sign", elementwise_rule},
    {"Sin", elementwise_rule},
    {"Sinh", elementwise_rule},
    {"Size", shape_rule},
    {"Slice", slice_rule},
    {"Softmax", axis_rule},
    {"SoftmaxCrossEntropyLoss", loss_rule},
    {"Softplus", elementwise_rule},
    {"Softsign", elementwise_rule},
    {"SpaceToDepth", batchwise_rule},
    {"Split", split_rule},
    {"Sqrt", elementwise_rule},
    {"Squeeze", squeeze_rule},
    {"StringConcat", elementwise_rule},
    {"Sub", elementwise_rule},
    {"Sum", elementwise_rule},
    {"Swish", elementwise_rule},
    {"Tan", elementwise_rule},
    {"Tanh", elementwise_rule},
    {"TensorScatter", batch_rule},
    {"ThresholdedRelu", elementwise_rule},
    {"Tile", tile_rule},
    {"TopK", axis_rule},
    {"Transpose", transpose_rule},
    {"Trilu", matrices_rule},
    {"Unsqueeze", unsqueeze_rule},
    {"Upsample", resize_rule},
    {"Where", elementwise_rule},
    {"Xor", elementwise_rule},
});

constexpr std::array kMachineLearningRules = std::to_array<Entry>({
    {"ArrayFeatureExtractor", rows_rule},
    {"Binarizer", rows_rule},
    {"CategoryMapper", rows_rule},
    {"FeatureVectorizer", rows_rule},
    {"Imputer", rows_rule},
    {"LabelEncoder", rows_rule},
    {"LinearClassifier", rows_rule},
    {"LinearRegressor", rows_rule},
    {"Normalizer", rows_rule},
    {"OneHotEncoder", rows_rule},
    {"SVMClassifier", rows_rule},
    {"SVMRegressor", rows_rule},
    {"Scaler", rows_rule},
    {"TreeEnsemble", rows_rule},
    {"TreeEnsembleClassifier", rows_rule},
    {"TreeEnsembleRegressor", rows_rule},
});

static_assert(std::ranges::is_sorted(kRules, {}, &Entry::op));
static_assert(std::ranges::is_sorted(kMachineLearningRules, {}, &Entry::op));

Rule find_in(std::span<const Entry> rules, const std::string& op) {
  const auto found = std::ranges::lower_bound(rules, op, {}, &Entry::op);
  return found != rules.end() && found->op == op ? found->rule : nullptr;
}

}  // namespace

Rule find_rule(const Node& node) {
  if (node.domain.empty()) return find_in(kRules, node.op_type);
  if (node.domain == "ai.onnx.ml") return find_in(kMachineLearningRules, node.op_type);
  return nullptr;
}

Candidate in_form(const Site& site, std::string rule, const Form& form,
                  std::function<void(Emitter&)> emit) {
  return {std::move(rule), std::vector<Form>(site.input_count(), form), form, 0, std::move(emit)};
}

Attributes with(Attributes attributes, const std::string& name, AttributeValue value) {
  attributes.set(name, std::move(value));
  return attributes;
}

void append_uniform(Emitter& emitter, const Site& site, std::size_t first,
                    std::vector<ValueId>& inputs) {
  for (std::size_t i = first; i < site.input_count(); ++i) {
    inputs.push_back(site.is_absent(i) ? kAbsent : emitter.uniform(site.input(i)));
  }
}

double expansion_cost(const Site& site) {
  double cost = 0;
  for (std::size_t i = 0; i < site.input_count(); ++i) {
    if (site.is_uniform(i))
      cost += site.costs().launch + site.members() * site.bytes(site.input(i));
  }
  return cost;
}

int from_front(std::int64_t axis, int rank) {
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

}  // namespace braid
