#include "tests/unit/backends/properties/cases.hpp"

namespace braid::properties {
namespace {

using testing_support::Call;

// With a right factor that is a constant, or is not; of one matrix for all rows, or of several.
Generator matmul_of(const std::string& domain) {
  return [=](Random& random) {
    const DType dtype = random.one_of(kFloats);
    Dims a = random.dims(0, 2);
    Dims b = random.chance() ? Dims{} : random.broadcast(a);
    const std::int64_t k = random.size();
    a.insert(a.end(), {random.size(), k});
    b.insert(b.end(), {k, random.size()});
    Call call{.op = "MatMul",
              .inputs = {random.tensor(a, dtype, -1.0, 1.0), random.tensor(b, dtype, -1.0, 1.0)},
              .domain = domain};
    if (random.chance()) call.constants = {1};
    return Sample{call, 8 * tolerance_of(dtype), reference::call_all("MatMul", call.inputs)};
  };
}

Tensor cast(const Tensor& tensor, DType dtype) {
  return reference::call("Cast", {tensor}, attrs({{"to", static_cast<std::int64_t>(dtype)}}));
}

// Some products of one type, each with or without a bias, a summand and Relu.
Sample make_grouped_matmul(Random& random) {
  const DType dtype = random.one_of(kFloats);
  Sample sample{{.op = "GroupedMatMul", .domain = std::string(kFusedDomain)},
                8 * tolerance_of(dtype)};
  sample.call.outputs = static_cast<std::size_t>(random.number(2, 5));
  for (std::size_t i = 0; i < sample.call.outputs; ++i) {
    Dims a = random.dims(0, 2);
    Dims b = random.chance() ? Dims{} : random.broadcast(a);
    const std::int64_t k = random.size();
    a.insert(a.end(), {random.size(), k});
    b.insert(b.end(), {k, random.size()});
    std::vector<Tensor>& inputs = sample.call.inputs;
    const auto add = [&](const Dims& dims) -> Tensor {
      return cast(inputs.emplace_back(random.tensor(dims, dtype, -1.0, 1.0)), DType::Float32);
    };
    const Tensor left = add(a);
    Tensor y = reference::call("MatMul", {left, add(b)});
    for (const Dims& dims : {Dims{b.back()}, y.dims()}) {
      if (random.chance())
        y = reference::call("Add", {y, add(dims)});
      else
        inputs.emplace_back();
    }
    if (random.chance()) {
      y = reference::call("Relu", {y});
      sample.call.attributes.set("activation." + std::to_string(i), std::string("Relu"));
    }
    sample.expected.push_back(cast(y, dtype));
  }
  return sample;
}

// [n, c, ...] => [n, ..., c]
Tensor channels_last(const Tensor& image) {
  std::vector<std::int64_t> perm = {0};
  for (std::int64_t axis = 2; axis < image.rank(); ++axis)
    perm.push_back(axis);
  perm.push_back(1);
  return reference::call("Transpose", {image}, attrs({{"perm", perm}}));
}

// A call of ai.onnx; or, of ai.braid, the same of images that lie the other way.
Sample laid_out(Call call, const std::string& domain, double tolerance) {
  if (domain.empty()) return {call, tolerance};
  const Tensor y = reference::call(call.op, call.inputs, call.attributes);
  call.inputs[0] = channels_last(call.inputs[0]);
  call.domain = std::string(kFusedDomain);
  return {call, tolerance, {channels_last(y)}};
}

Sample make_conv(Random& random, const std::string& domain) {
  const DType dtype = random.one_of(kFloats);
  const std::int64_t rank = random.number(1, 3);
  const std::int64_t groups = random.one_of<std::int64_t>({1, 1, 2, 3});
  Dims x = {random.number(1, 3), groups * random.number(1, 9)};
  Dims w = {groups * random.number(1, 9), x[1] / groups};
  std::vector<std::int64_t> strides, pads, dilations;
  for (std::int64_t i = 0; i < rank; ++i) {
    w.push_back(random.number(1, 3));
    x.push_back(random.number(5, 9));
    strides.push_back(random.number(1, 2));
    dilations.push_back(random.number(1, 2));
  }
  for (std::int64_t i = 0; i < 2 * rank; ++i)
    pads.push_back(random.number(0, 2));
  Call call{
      .op = "Conv",
      .inputs = {random.tensor(x, dtype, -1.0, 1.0), random.tensor(w, dtype, -1.0, 1.0)},
      .attributes = attrs(
          {{"group", groups}, {"strides", strides}, {"pads", pads}, {"dilations", dilations}}),
      .constants = {1}};
  if (random.chance()) call.inputs.push_back(random.tensor({w[0]}, dtype));
  if (domain.empty() && random.chance()) call.constants.clear();
  return laid_out(call, domain, 8 * tolerance_of(dtype));
}

Sample make_conv_transpose(Random& random) {
  const DType dtype = random.one_of(kFloats);
  const std::int64_t rank = random.number(1, 3);
  const std::int64_t groups = random.number(1, 2);
  Dims x = {random.number(1, 3), groups * random.number(1, 5)};
  Dims w = {x[1], random.number(1, 5)};
  std::vector<std::int64_t> strides, pads;
  for (std::int64_t i = 0; i < rank; ++i) {
    w.push_back(random.number(2, 3));
    x.push_back(random.number(3, 5));
    strides.push_back(random.number(1, 2));
  }
  for (std::int64_t i = 0; i < 2 * rank; ++i)
    pads.push_back(random.number(0, 1));
  Call call{.op = "ConvTranspose",
            .inputs = {random.tensor(x, dtype, -1.0, 1.0), random.tensor(w, dtype, -1.0, 1.0)},
            .attributes = attrs({{"group", groups}, {"strides", strides}, {"pads", pads}}),
            .constants = {1}};
  if (random.chance()) call.inputs.push_back(random.tensor({groups * w[1]}, dtype));
  // The columns are rounded before they are summed.
  return {call, 16 * tolerance_of(dtype)};
}

// Products of attention, of heads that are joined or not, and what is none.
Sample make_einsum(Random& random) {
  const auto equation = random.one_of<std::string>(
      {"ibh,hnd->ibnd", "ibnd,hnd->ibh", "ibnd,jbnd->bnij", "bnij,jbnd->ibnd", "ijbs,ibns->bnij",
       "ij,jk->ik", "ij,kj->ik", "bij,bjk->bik", "i,j->ij", "ijbn->bnij"});
  std::map<char, std::int64_t> sizes;
  std::vector<Dims> dims(1);
  for (const char c : equation.substr(0, equation.find('-'))) {
    if (c == ',') {
      dims.emplace_back();
      continue;
    }
    if (!sizes.contains(c)) sizes[c] = random.number(1, 7);
    dims.back().push_back(sizes[c]);
  }
  const DType dtype = random.one_of(kFloats);
  Call call{.op = "Einsum", .attributes = attrs({{"equation", equation}})};
  for (const Dims& each : dims)
    call.inputs.push_back(random.tensor(each, dtype, -1.0, 1.0));
  return {call, 8 * tolerance_of(dtype)};
}

Generator pool_of(const std::string& op, const std::string& domain) {
  return [=](Random& random) {
    const DType dtype = random.one_of(kFloats);
    const std::int64_t rank = random.number(1, 3);
    Dims x = {random.number(1, 3), random.size()};
    std::vector<std::int64_t> kernel, strides, pads(static_cast<std::size_t>(2 * rank));
    for (std::int64_t i = 0; i < rank; ++i) {
      x.push_back(random.number(4, 9));
      kernel.push_back(random.number(1, 3));
      strides.push_back(random.number(1, 2));
      pads[static_cast<std::size_t>(i)] = random.number(0, kernel.back() - 1);
    }
    Call call{.op = op, .inputs = {random.tensor(x, dtype)}};
    if (!op.starts_with("Global"))
      call.attributes = attrs({{"kernel_shape", kernel}, {"strides", strides}, {"pads", pads}});
    if (op == "MaxPool" && domain.empty() && random.chance()) call.outputs = 2;
    if (op == "AveragePool") call.attributes.set("count_include_pad", random.number(0, 1));
    return laid_out(call, domain, 4 * tolerance_of(dtype));
  };
}

Generator cell_of(const std::string& op, std::int64_t gates) {
  return [=](Random& random) {
    const auto direction = random.one_of<std::string>({"forward", "reverse", "bidirectional"});
    const std::int64_t directions = direction == "bidirectional" ? 2 : 1;
    const std::int64_t hidden = random.size();
    const Dims x = {random.number(1, 5), random.number(1, 4), random.size()};
    const auto weight = [&](const Dims& dims) {
      return random.tensor(dims, DType::Float32, -0.5, 0.5);
    };
    Call call{
        .op = op,
        .inputs = {random.tensor(x, DType::Float32), weight({directions, gates * hidden, x[2]}),
                   weight({directions, gates * hidden, hidden}),
                   weight({directions, 2 * gates * hidden})},
        .attributes = attrs({{"hidden_size", hidden}, {"direction", direction}}),
        .constants = {1, 2, 3},
        .outputs = op == "LSTM" ? 3U : 2U};
    if (op == "GRU") call.attributes.set("linear_before_reset", random.number(0, 1));
    if (random.chance()) {
      call.inputs.emplace_back();
      call.inputs.push_back(weight({directions, x[1], hidden}));
    }
    return Sample{call, 2e-5};
  };
}

}  // namespace

void add_product_cases(Cases& cases) {
  const std::string fused(kFusedDomain);
  for (const std::string& domain : {std::string(), fused}) {
    cases[{domain, "MatMul"}] = matmul_of(domain);
    cases[{domain, "Conv"}] = [domain](Random& random) { return make_conv(random, domain); };
    for (const char* op : {"AveragePool", "GlobalAveragePool", "GlobalMaxPool", "MaxPool"})
      cases[{domain, op}] = pool_of(op, domain);
  }
  for (const char* op : {"GlobalLpPool", "LpPool"})
    cases[{"", op}] = pool_of(op, "");
  cases[{fused, "GroupedMatMul"}] = make_grouped_matmul;
  cases[{"", "ConvTranspose"}] = make_conv_transpose;
  cases[{"", "Einsum"}] = make_einsum;
  cases[{"", "GRU"}] = cell_of("GRU", 3);
  cases[{"", "LSTM"}] = cell_of("LSTM", 4);
  cases[{"", "RNN"}] = cell_of("RNN", 1);
}

}  // namespace braid::properties
