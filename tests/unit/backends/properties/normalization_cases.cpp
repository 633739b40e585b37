#include "tests/unit/backends/properties/cases.hpp"

namespace braid::properties {
namespace {

using testing_support::Call;

double rounded(DType dtype) {
  return 4 * tolerance_of(dtype);
}

Generator layer_of(const std::string& op) {
  return [=](Random& random) {
    const DType dtype = random.one_of(kFloats);
    const Dims dims = random.dims(1, 4);
    const std::int64_t axis = random.number(0, static_cast<std::int64_t>(dims.size()) - 1);
    const Dims row(dims.begin() + axis, dims.end());
    Call call{.op = op,
              .inputs = {random.tensor(dims, dtype), random.tensor(row, dtype)},
              .attributes = attrs({{"axis", axis}, {"epsilon", 0.1F}})};
    if (op == "RMSNormalization") call.opset = 23;
    if (op == "LayerNormalization" && random.chance())
      call.inputs.push_back(random.tensor(row, dtype));
    return Sample{call, rounded(dtype)};
  };
}

Sample make_skip_layer_normalization(Random& random) {
  const Dims dims = random.dims(2, 3);
  const Dims row = {dims.back()};
  const Tensor x = random.tensor(dims, DType::Float32);
  const Tensor residual = random.tensor(dims, DType::Float32);
  const Tensor scale = random.tensor(row, DType::Float32);
  const Tensor bias = random.tensor(row, DType::Float32);
  const Attributes attributes = attrs({{"epsilon", 0.1F}});
  const Tensor sum = reference::call("Add", {x, residual});
  const Tensor y = reference::call("LayerNormalization", {sum, scale, bias}, attributes);
  return {{.op = "SkipLayerNormalization",
           .inputs = {x, residual, scale, bias},
           .attributes = attributes,
           .domain = std::string(kFusedDomain)},
          rounded(DType::Float32),
          {y, sum}};
}

// Of members in front, each with a scale and, but for one in two, a bias of its own.
Generator of_members(const std::string& op) {
  return [=](Random& random) {
    const DType dtype = random.one_of(kFloats);
    Dims dims = random.dims(1, 3);
    dims.insert(dims.begin(), random.number(1, 4));
    Dims rows(dims.size(), 1);
    rows.front() = dims.front();
    rows.back() = dims.back();
    const Attributes attributes = attrs({{"epsilon", 0.1F}});
    Call call{.op = op,
              .inputs = {random.tensor(dims, dtype), random.tensor(rows, dtype)},
              .attributes = attributes,
              .domain = std::string(kFusedDomain)};
    const Tensor ones = random.tensor({dims.back()}, dtype, 1.0, 1.0);
    constexpr std::int64_t kOpset = 23;
    Tensor y = reference::call_all(op, {call.inputs[0], ones}, attributes, 1, kOpset)[0];
    y = reference::call("Mul", {y, call.inputs[1]});
    if (random.chance()) {
      call.inputs.push_back(random.tensor(rows, dtype));
      y = reference::call("Add", {y, call.inputs[2]});
    }
    return Sample{call, 2 * rounded(dtype), {y}};
  };
}

// An image whose channels have some divisors.
Dims image(Random& random) {
  Dims dims = {random.number(1, 3), random.one_of<std::int64_t>({1, 2, 4, 12})};
  for (std::int64_t left = random.number(1, 2); left > 0; --left)
    dims.push_back(random.size());
  return dims;
}

Sample make_batch_normalization(Random& random) {
  const DType dtype = random.one_of(kFloats);
  const Dims dims = image(random);
  const Dims channels = {dims[1]};
  return {{.op = "BatchNormalization",
           .inputs = {random.tensor(dims, dtype), random.tensor(channels, dtype),
                      random.tensor(channels, dtype), random.tensor(channels, dtype),
                      random.tensor(channels, dtype, 0.5, 2.0)}},
          rounded(dtype)};
}

Generator groups_of(const std::string& op) {
  return [=](Random& random) {
    const DType dtype = random.one_of(kFloats);
    const Dims dims = image(random);
    const Tensor scale = random.tensor({dims[1]}, dtype);
    const Tensor bias = random.tensor({dims[1]}, dtype);
    Call call{.op = op,
              .inputs = {random.tensor(dims, dtype), scale, bias},
              .attributes = attrs({{"epsilon", 0.1F}})};
    if (op == "GroupNormalization") {
      std::int64_t groups = random.one_of<std::int64_t>({1, 2, 4});
      while (dims[1] % groups != 0)
        groups /= 2;
      call.attributes.set("num_groups", groups);
    }
    return Sample{call, rounded(dtype)};
  };
}

}  // namespace

void add_normalization_cases(Cases& cases) {
  cases[{"", "LayerNormalization"}] = layer_of("LayerNormalization");
  cases[{"", "RMSNormalization"}] = layer_of("RMSNormalization");
  for (const char* op : {"LayerNormalization", "RMSNormalization"})
    cases[{std::string(kFusedDomain), op}] = of_members(op);
  cases[{std::string(kFusedDomain), "SkipLayerNormalization"}] = make_skip_layer_normalization;
  cases[{"", "BatchNormalization"}] = make_batch_normalization;
  cases[{"", "InstanceNormalization"}] = groups_of("InstanceNormalization");
  cases[{"", "GroupNormalization"}] = groups_of("GroupNormalization");
}

}  // namespace braid::properties
