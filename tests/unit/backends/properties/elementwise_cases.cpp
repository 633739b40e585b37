#include <cmath>

#include "braid/graph.hpp"
#include "tests/unit/backends/properties/cases.hpp"

namespace braid::properties {
namespace {

using testing_support::Call;

// Of floats within a range.
Generator function_of(const std::string& op, double low = -3.0, double high = 3.0,
                      const std::vector<DType>& types = kFloats) {
  return [=](Random& random) {
    const DType dtype = random.one_of(types);
    Call call{.op = op, .inputs = {random.tensor(random.dims(0, 4, true), dtype, low, high)}};
    return Sample{call, tolerance_of(dtype)};
  };
}

Generator with_parameters(const std::string& op, const std::vector<const char*>& names) {
  return [=](Random& random) {
    Sample sample = function_of(op)(random);
    for (const char* name : names) {
      if (random.chance())
        sample.call.attributes.set(name, static_cast<float>(random.number(1, 8)) / 4.0F);
    }
    return sample;
  };
}

// Of operands of which each broadcasts to the result.
std::vector<Tensor> operands(Random& random, const Dims& to, DType dtype, std::size_t count,
                             double low = -3.0) {
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < count; ++i)
    inputs.push_back(random.tensor(random.broadcast(to), dtype, low));
  inputs[static_cast<std::size_t>(random.number(0, static_cast<std::int64_t>(count) - 1))] =
      random.tensor(to, dtype, low);
  return inputs;
}

Generator of_two(const std::string& op, const std::vector<DType>& types, double low = -3.0) {
  return [=](Random& random) {
    const DType dtype = random.one_of(types);
    return Sample{{.op = op, .inputs = operands(random, random.dims(0, 4, true), dtype, 2, low)},
                  tolerance_of(dtype)};
  };
}

Generator of_several(const std::string& op, const std::vector<DType>& types) {
  return [=](Random& random) {
    const DType dtype = random.one_of(types);
    const auto count = static_cast<std::size_t>(random.number(1, 4));
    const double terms = op == "Sum" ? 2.0 : 1.0;
    return Sample{{.op = op, .inputs = operands(random, random.dims(0, 4, true), dtype, count)},
                  terms * tolerance_of(dtype)};
  };
}

Sample make_prelu(Random& random) {
  const DType dtype = random.one_of(kFloats);
  const Dims dims = random.dims(1, 4);
  return {{.op = "PRelu",
           .inputs = {random.tensor(dims, dtype), random.tensor(random.broadcast(dims), dtype)}},
          tolerance_of(dtype)};
}

Sample make_clip(Random& random) {
  const DType dtype = random.one_of(kNumbers);
  const Tensor low = random.chance(0.3) ? Tensor() : random.tensor({}, dtype, -2.0, 0.0);
  const Tensor high = random.chance(0.3) ? Tensor() : random.tensor({}, dtype, 0.0, 2.0);
  Call call{.op = "Clip", .inputs = {random.tensor(random.dims(0, 4, true), dtype), low, high}};
  if (random.chance()) call.constants = {1, 2};
  return {call};
}

// Every other element is NaN, infinity or its negative.
Sample make_exceptional(Random& random, const std::string& op) {
  const Dims dims = random.dims(0, 4, true);
  std::vector<double> values(static_cast<std::size_t>(reference::product(dims)));
  for (double& value : values)
    value = random.one_of<double>({0.0, -1.5, 3.0, NAN, INFINITY, -INFINITY});
  Call call{.op = op, .inputs = {reference::tensor(DType::Float32, dims, values)}};
  for (const char* name : {"detect_negative", "detect_positive"}) {
    if (op == "IsInf" && random.chance()) call.attributes.set(name, random.number(0, 1));
  }
  return {call};
}

Sample make_gelu(Random& random) {
  Sample sample = function_of("Gelu")(random);
  if (random.chance()) sample.call.attributes.set("approximate", std::string("tanh"));
  return sample;
}

Sample make_pow(Random& random) {
  const DType dtype = random.one_of(kFloats);
  const Tensor base = random.tensor(random.dims(0, 4), dtype, 0.1, 3.0);
  const bool is_scalar = random.chance();
  const Tensor exponent = is_scalar
                              ? random.tensor({}, DType::Int64, -1.0, 3.0)
                              : random.tensor(random.broadcast(base.dims()), dtype, -2.0, 2.0);
  return {{.op = "Pow", .inputs = {base, exponent}, .constants = {1}}, 4 * tolerance_of(dtype)};
}

Sample make_cast(Random& random) {
  const DType from = random.one_of(kTypes);
  const DType to = random.one_of(kTypes);
  const bool is_signed = to != DType::UInt8 && from != DType::UInt8;
  return {
      {.op = "Cast",
       .inputs = {random.tensor(random.dims(0, 4, true), from, is_signed ? -100.0 : 0.0, 100.0)},
       .attributes = attrs({{"to", static_cast<std::int64_t>(to)}})}};
}

Sample make_where(Random& random) {
  const DType dtype = random.one_of(kTypes);
  const Dims to = random.dims(0, 4, true);
  std::vector<Tensor> inputs = operands(random, to, dtype, 2, 0.0);
  inputs.insert(inputs.begin(), random.tensor(random.broadcast(to), DType::Bool));
  return {{.op = "Where", .inputs = inputs}};
}

Sample make_mod(Random& random) {
  const DType dtype = random.one_of<DType>({DType::Float32, DType::Int32, DType::Int64});
  Sample sample = of_two("Mod", {dtype}, 1.0)(random);
  const bool is_fmod = dtype == DType::Float32 || random.chance();
  sample.call.attributes.set("fmod", std::int64_t{is_fmod ? 1 : 0});
  return sample;
}

Sample make_bit_shift(Random& random) {
  Sample sample = of_two("BitShift", {DType::UInt8}, 0.0)(random);
  sample.call.attributes.set("direction", random.one_of<std::string>({"LEFT", "RIGHT"}));
  return sample;
}

Tensor as_type(const Tensor& tensor, DType dtype) {
  return reference::call("Cast", {tensor}, attrs({{"to", static_cast<std::int64_t>(dtype)}}));
}

// Mul(x, y) -> Add(z) -> Tanh, in one pass, of floats that may be stored in different types.
Sample make_chain(Random& random) {
  const bool is_mixed = random.chance();
  const auto any_type = [&] { return is_mixed ? random.one_of(kFloats) : DType::Float32; };
  std::vector<Tensor> floats = operands(random, random.dims(0, 4, true), DType::Float32, 3);
  std::vector<Tensor> inputs;
  for (Tensor& operand : floats) {
    inputs.push_back(as_type(operand, any_type()));
    operand = as_type(inputs.back(), DType::Float32);
  }
  const DType result = any_type();
  Graph body;
  std::vector<ValueId> ids;
  for (const char* name : {"x", "y", "z"}) {
    ids.push_back(body.add_value(name));
    body.inputs.push_back(ids.back());
  }
  const auto add = [&](const char* op, const std::vector<ValueId>& from) {
    Node node;
    node.op_type = op;
    node.inputs = from;
    node.outputs = {body.add_value(op)};
    body.nodes.push_back(node);
    return node.outputs[0];
  };
  body.outputs = {add("Tanh", {add("Add", {add("Mul", {ids[0], ids[1]}), ids[2]})})};
  const Tensor product = reference::call("Mul", {floats[0], floats[1]});
  const Tensor y = reference::call("Tanh", {reference::call("Add", {product, floats[2]})});
  Call call{.op = "Elementwise", .inputs = inputs, .domain = std::string(kFusedDomain)};
  call.attributes.set("body", std::make_shared<Graph>(body));
  return {call, tolerance_of(result), {as_type(y, result)}};
}

}  // namespace

void add_elementwise_cases(Cases& cases) {
  for (const char* op : {"Abs", "Neg", "Relu", "Sign"})
    cases[{"", op}] = function_of(op, -3.0, 3.0, kNumbers);
  for (const char* op : {"Ceil", "Cos", "Erf", "Exp", "Floor", "HardSwish", "Mish", "Round",
                         "Sigmoid", "Sin", "Softplus", "Softsign", "Tanh"})
    cases[{"", op}] = function_of(op);
  for (const char* op : {"Log", "Reciprocal", "Sqrt"})
    cases[{"", op}] = function_of(op, 0.1, 3.0);
  for (const char* op : {"Celu", "Elu", "LeakyRelu", "Swish", "ThresholdedRelu"})
    cases[{"", op}] = with_parameters(op, {"alpha"});
  for (const std::string op : {"IsInf", "IsNaN"})
    cases[{"", op}] = [op](Random& random) { return make_exceptional(random, op); };
  cases[{"", "HardSigmoid"}] = with_parameters("HardSigmoid", {"alpha", "beta"});
  cases[{"", "Selu"}] = with_parameters("Selu", {"alpha", "gamma"});
  for (const char* op :
       {"Add", "Mul", "Sub", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"})
    cases[{"", op}] = of_two(op, kNumbers);
  cases[{"", "Div"}] = of_two("Div", {DType::Float32, DType::Float64, DType::BFloat16}, 0.5);
  for (const char* op : {"And", "Or", "Xor"})
    cases[{"", op}] = of_two(op, {DType::Bool});
  cases[{"", "Not"}] = function_of("Not", -1.0, 1.0, {DType::Bool});
  for (const char* op : {"Max", "Min"})
    cases[{"", op}] = of_several(op, kNumbers);
  cases[{"", "Sum"}] = of_several("Sum", kFloats);
  for (const char* op : {"Acos", "Asin", "Atanh"})
    cases[{"", op}] = function_of(op, -0.9, 0.9);
  for (const char* op : {"Asinh", "Atan", "Cosh", "Sinh"})
    cases[{"", op}] = function_of(op);
  cases[{"", "Tan"}] = function_of("Tan", -1.0, 1.0);
  cases[{"", "Acosh"}] = function_of("Acosh", 1.1, 3.0);
  cases[{"", "Shrink"}] = with_parameters("Shrink", {"lambd", "bias"});
  for (const char* op : {"BitwiseAnd", "BitwiseOr", "BitwiseXor"})
    cases[{"", op}] = of_two(op, {DType::Int32, DType::Int64, DType::UInt8});
  cases[{"", "BitwiseNot"}] =
      function_of("BitwiseNot", -3.0, 3.0, {DType::Int32, DType::Int64, DType::Int8});
  cases[{"", "BitShift"}] = make_bit_shift;
  cases[{"", "Mod"}] = make_mod;
  cases[{"", "PRelu"}] = make_prelu;
  cases[{"", "Clip"}] = make_clip;
  cases[{"", "Gelu"}] = make_gelu;
  cases[{"", "Pow"}] = make_pow;
  cases[{"", "Cast"}] = make_cast;
  cases[{"", "Where"}] = make_where;
  cases[{std::string(kFusedDomain), "Elementwise"}] = make_chain;
}

}  // namespace braid::properties
