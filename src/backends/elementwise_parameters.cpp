#include "backends/elementwise_parameters.hpp"

#include <limits>
#include <map>

#include "support/operand.hpp"

namespace braid {
namespace {

struct Given {
  const char* a = nullptr;
  float default_a = 0.0F;
  const char* b = nullptr;
  float default_b = 0.0F;
};

const std::map<std::string_view, Given>& activations() {
  static const std::map<std::string_view, Given> table = {
      {"Celu", {"alpha", 1.0F}},
      {"Elu", {"alpha", 1.0F}},
      {"HardSigmoid", {"alpha", 0.2F, "beta", 0.5F}},
      {"LeakyRelu", {"alpha", 0.01F}},
      {"Selu", {"alpha", 1.67326319217681884765625F, "gamma", 1.05070102214813232421875F}},
      {"Shrink", {"lambd", 0.5F, "bias", 0.0F}},
      {"Swish", {"alpha", 1.0F}},
      {"ThresholdedRelu", {"alpha", 1.0F}},
  };
  return table;
}

}  // namespace

ElementwiseParameters activation_parameters(std::string_view name, const Attributes& attributes) {
  const auto found = activations().find(name);
  if (found == activations().end()) return {};
  const Given& given = found->second;
  ElementwiseParameters parameters;
  parameters.a = attributes.get_float(given.a, given.default_a);
  if (given.b != nullptr) parameters.b = attributes.get_float(given.b, given.default_b);
  return parameters;
}

ElementwiseParameters searched_infinities(const Attributes& attributes) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const auto searched = [&](const char* attribute, float value) {
    const bool is_searched = attributes.get_int(attribute, 1) != 0;
    return is_searched ? value : std::numeric_limits<float>::quiet_NaN();
  };
  return {searched("detect_positive", kInfinity), searched("detect_negative", -kInfinity)};
}

std::optional<float> float_of(const Tensor* constant) {
  if (constant == nullptr || !constant->has_data() || constant->dtype() != DType::Float32 ||
      constant->size() != 1) {
    return std::nullopt;
  }
  return as_operand(*constant).data<float>()[0];
}

}  // namespace braid
