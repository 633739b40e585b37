#include "backends/cuda/epilogue.hpp"

#include <map>
#include <string>

#include "support/assert.hpp"

namespace braid::cuda {

Addends addends_of(const Operator& op) {
  return {op.has_input(kBias), op.has_input(kSummand)};
}

Epilogue epilogue_of(const Operator& op) {
  static const std::map<std::string, Activation> table = {{"", Activation::None},
                                                          {"Clip", Activation::Clip},
                                                          {"Elu", Activation::Elu},
                                                          {"Gelu", Activation::Gelu},
                                                          {"GeluTanh", Activation::GeluTanh},
                                                          {"HardSwish", Activation::HardSwish},
                                                          {"LeakyRelu", Activation::LeakyRelu},
                                                          {"Relu", Activation::Relu},
                                                          {"Sigmoid", Activation::Sigmoid},
                                                          {"Swish", Activation::Silu},
                                                          {"Tanh", Activation::Tanh}};
  const auto found = table.find(op.attributes.get_string("activation", ""));
  BRAID_ASSERT(found != table.end(), "every activation that is fused has an epilogue");
  Epilogue epilogue;
  epilogue.activation = found->second;
  epilogue.a = op.attributes.get_float("alpha", 0);
  epilogue.b = op.attributes.get_float("beta", 0);
  return epilogue;
}

}  // namespace braid::cuda
