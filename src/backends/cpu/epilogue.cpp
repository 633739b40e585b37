#include "backends/cpu/epilogue.hpp"

#include <map>
#include <string>

#include "backends/cpu/onednn_version.hpp"
#include "support/assert.hpp"

namespace braid::onednn {
namespace {

using Algorithm = dnnl::algorithm;

const std::map<std::string, Algorithm>& algorithms() {
  static const std::map<std::string, Algorithm> table = {
      {"Clip", Algorithm::eltwise_clip},           {"Elu", Algorithm::eltwise_elu},
      {"Gelu", Algorithm::eltwise_gelu_erf},       {"GeluTanh", Algorithm::eltwise_gelu_tanh},
      {"HardSwish", Algorithm::eltwise_hardswish}, {"LeakyRelu", Algorithm::eltwise_relu},
      {"Relu", Algorithm::eltwise_relu},           {"Sigmoid", Algorithm::eltwise_logistic},
      {"Swish", Algorithm::eltwise_swish},         {"Tanh", Algorithm::eltwise_tanh}};
  return table;
}

}  // namespace

bool sums_in_place(const Operator& op) {
  return op.has_input(kSummand) && op.inputs[kSummand].is_overwritable;
}

dnnl::post_ops epilogue_of(const Operator& op, const dnnl::memory::desc& summand) {
  dnnl::post_ops result;
  if (sums_in_place(op)) {
    result.append_sum(1.0F);
  } else if (op.has_input(kSummand)) {
    result.append_binary(Algorithm::binary_add, summand);
  }
  const std::string activation = op.attributes.get_string("activation", "");
  if (activation.empty()) return result;
  const auto found = algorithms().find(activation);
  BRAID_ASSERT(found != algorithms().end(), "every activation that is fused has an algorithm");
  append_eltwise(result, found->second, op.attributes.get_float("alpha", 0),
                 op.attributes.get_float("beta", 0));
  return result;
}

}  // namespace braid::onednn
