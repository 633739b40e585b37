#include <algorithm>
#include <array>

#include "plan/narrow/narrowing.hpp"

namespace braid {
namespace {

struct Entry {
  std::string_view op;
  NarrowRule rule;
};

// Sorted by operator.
constexpr std::array kTable = {
    Entry{"Abs", narrow_elementwise},
    Entry{"Acos", narrow_elementwise},
    Entry{"Acosh", narrow_elementwise},
    Entry{"Add", narrow_elementwise},
    Entry{"And", narrow_elementwise},
    Entry{"ArgMax", narrow_reduce},
    Entry{"ArgMin", narrow_reduce},
    Entry{"Asin", narrow_elementwise},
    Entry{"Asinh", narrow_elementwise},
    Entry{"Atan", narrow_elementwise},
    Entry{"Atanh", narrow_elementwise},
    Entry{"AveragePool", narrow_planes},
    Entry{"BatchNormalization", narrow_batch_normalization},
    Entry{"BitShift", narrow_elementwise},
    Entry{"BitwiseAnd", narrow_elementwise},
    Entry{"BitwiseNot", narrow_elementwise},
    Entry{"BitwiseOr", narrow_elementwise},
    Entry{"BitwiseXor", narrow_elementwise},
    Entry{"Cast", narrow_elementwise},
    Entry{"Ceil", narrow_elementwise},
    Entry{"Celu", narrow_elementwise},
    Entry{"Clip", narrow_elementwise},
    Entry{"Concat", narrow_concat},
    Entry{"Conv", narrow_conv},
    Entry{"ConvTranspose", narrow_conv_transpose},
    Entry{"Cos", narrow_elementwise},
    Entry{"Cosh", narrow_elementwise},
    Entry{"DequantizeLinear", narrow_quantize_linear},
    Entry{"Div", narrow_elementwise},
    Entry{"Einsum", narrow_einsum},
    Entry{"Elu", narrow_elementwise},
    Entry{"Equal", narrow_elementwise},
    Entry{"Erf", narrow_elementwise},
    Entry{"Exp", narrow_elementwise},
    Entry{"Expand", narrow_expand},
    Entry{"Flatten", narrow_reshape},
    Entry{"Floor", narrow_elementwise},
    Entry{"GRU", narrow_recurrent},
    Entry{"Gather", narrow_gather},
    Entry{"GatherND", narrow_gather_nd},
    Entry{"Gelu", narrow_elementwise},
    Entry{"Gemm", narrow_gemm},
    Entry{"GlobalAveragePool", narrow_planes},
    Entry{"GlobalLpPool", narrow_planes},
    Entry{"GlobalMaxPool", narrow_planes},
    Entry{"Greater", narrow_elementwise},
    Entry{"GreaterOrEqual", narrow_elementwise},
    Entry{"GroupNormalization", narrow_group_normalization},
    Entry{"HardSigmoid", narrow_elementwise},
    Entry{"HardSwish", narrow_elementwise},
    Entry{"Hardmax", narrow_softmax},
    Entry{"Identity", narrow_elementwise},
    Entry{"InstanceNormalization", narrow_batch_normalization},
    Entry{"IsInf", narrow_elementwise},
    Entry{"IsNaN", narrow_elementwise},
    Entry{"LSTM", narrow_recurrent},
    Entry{"LayerNormalization", narrow_layer_normalization},
    Entry{"LeakyRelu", narrow_elementwise},
    Entry{"Less", narrow_elementwise},
    Entry{"LessOrEqual", narrow_elementwise},
    Entry{"Log", narrow_elementwise},
    Entry{"LogSoftmax", narrow_softmax},
    Entry{"LpPool", narrow_planes},
    Entry{"MatMul", narrow_matmul},
    Entry{"Max", narrow_elementwise},
    Entry{"MaxPool", narrow_planes},
    Entry{"Mean", narrow_elementwise},
    Entry{"Min", narrow_elementwise},
    Entry{"Mish", narrow_elementwise},
    Entry{"Mod", narrow_elementwise},
    Entry{"Mul", narrow_elementwise},
    Entry{"Neg", narrow_elementwise},
    Entry{"Not", narrow_elementwise},
    Entry{"Or", narrow_elementwise},
    Entry{"PRelu", narrow_elementwise},
    Entry{"Pad", narrow_pad},
    Entry{"Pow", narrow_elementwise},
    Entry{"QuantizeLinear", narrow_quantize_linear},
    Entry{"RMSNormalization", narrow_layer_normalization},
    Entry{"RNN", narrow_recurrent},
    Entry{"Reciprocal", narrow_elementwise},
    Entry{"ReduceL1", narrow_reduce},
    Entry{"ReduceL2", narrow_reduce},
    Entry{"ReduceLogSum", narrow_reduce},
    Entry{"ReduceLogSumExp", narrow_reduce},
    Entry{"ReduceMax", narrow_reduce},
    Entry{"ReduceMean", narrow_reduce},
    Entry{"ReduceMin", narrow_reduce},
    Entry{"ReduceProd", narrow_reduce},
    Entry{"ReduceSum", narrow_reduce},
    Entry{"ReduceSumSquare", narrow_reduce},
    Entry{"Relu", narrow_elementwise},
    Entry{"Reshape", narrow_reshape},
    Entry{"Round", narrow_elementwise},
    Entry{"Selu", narrow_elementwise},
    Entry{"Shrink", narrow_elementwise},
    Entry{"Sigmoid", narrow_elementwise},
    Entry{"Sign", narrow_elementwise},
    Entry{"Sin", narrow_elementwise},
    Entry{"Sinh", narrow_elementwise},
    Entry{"Slice", narrow_slice},
    Entry{"Softmax", narrow_softmax},
    Entry{"Softplus", narrow_elementwise},
    Entry{"Softsign", narrow_elementwise},
    Entry{"Split", narrow_split},
    Entry{"Sqrt", narrow_elementwise},
    Entry{"Squeeze", narrow_reshape},
    Entry{"Sub", narrow_elementwise},
    Entry{"Sum", narrow_elementwise},
    Entry{"Swish", narrow_elementwise},
    Entry{"Tan", narrow_elementwise},
    Entry{"Tanh", narrow_elementwise},
    Entry{"ThresholdedRelu", narrow_elementwise},
    Entry{"Tile", narrow_expand},
    Entry{"Transpose", narrow_transpose},
    Entry{"Unsqueeze", narrow_reshape},
    Entry{"Where", narrow_elementwise},
    Entry{"Xor", narrow_elementwise},
};

}  // namespace

bool NarrowSite::needs_first_only() const {
  for (std::size_t o = 1; o < needed.size(); ++o) {
    if (needed[o]) return false;
  }
  return needed[0].has_value();
}

std::optional<std::size_t> NarrowSite::axis(std::string_view name, std::int64_t fallback,
                                            std::size_t rank) const {
  const auto end = static_cast<std::int64_t>(rank);
  const std::int64_t axis = node.attributes.get_int(name, fallback);
  if (axis < -end || axis >= end) return std::nullopt;
  return static_cast<std::size_t>(axis < 0 ? axis + end : axis);
}

NarrowRule find_narrow_rule(const Node& node) {
  if (!node.domain.empty()) return nullptr;
  const auto found =
      std::lower_bound(kTable.begin(), kTable.end(), node.op_type,
                       [](const Entry& e, const std::string& op) { return e.op < op; });
  return found != kTable.end() && found->op == node.op_type ? found->rule : nullptr;
}

}  // namespace braid
