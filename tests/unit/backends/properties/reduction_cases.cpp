#include <set>

#include "tests/unit/backends/properties/cases.hpp"

namespace braid::properties {
namespace {

using reference::list;
using testing_support::Call;

const std::vector<DType> kReduced = {DType::Float32,  DType::Float32, DType::Float16,
                                     DType::BFloat16, DType::Int32,   DType::Int64};

Generator reduce_of(const std::string& op, double low, double high,
                    const std::vector<DType>& types) {
  return [=](Random& random) {
    const DType dtype = random.one_of(types);
    const Tensor x = random.tensor(random.dims(1, 4), dtype, low, high);
    std::set<std::int64_t> axes;
    for (std::int64_t left = random.number(1, x.rank()); left > 0; --left)
      axes.insert(random.number(0, x.rank() - 1));
    Call call{.op = op,
              .inputs = {x, list({axes.begin(), axes.end()})},
              .attributes = attrs({{"keepdims", random.number(0, 1)}}),
              .constants = {1}};
    return Sample{call, 4 * tolerance_of(dtype)};
  };
}

Generator arg_of(const std::string& op) {
  return [=](Random& random) {
    const Tensor x = random.tensor(random.dims(1, 4), random.one_of(kNumbers));
    return Sample{{.op = op,
                   .inputs = {x},
                   .attributes = attrs({{"axis", any_axis(random, x.dims())},
                                        {"keepdims", random.number(0, 1)},
                                        {"select_last_index", random.number(0, 1)}})}};
  };
}

Sample make_running(Random& random, const std::string& op) {
  const bool is_product = op == "CumProd";
  const DType dtype = random.one_of(kNumbers);
  const Tensor x = is_product ? random.tensor(random.dims(1, 4), dtype, 0.9, 1.1)
                              : random.tensor(random.dims(1, 4), dtype);
  return {
      {.op = op,
       .inputs = {x, reference::scalar(any_axis(random, x.dims()))},
       .attributes = attrs({{"exclusive", random.number(0, 1)}, {"reverse", random.number(0, 1)}}),
       .constants = {1}},
      8 * tolerance_of(dtype)};
}

Sample make_top_k(Random& random) {
  const Tensor x = random.tensor(random.dims(1, 4), random.one_of(kNumbers));
  const std::int64_t axis = any_axis(random, x.dims());
  const std::int64_t dim = x.dims()[static_cast<std::size_t>(axis < 0 ? axis + x.rank() : axis)];
  return {{.op = "TopK",
           .inputs = {x, list({random.number(1, dim)})},
           .attributes = attrs({{"axis", axis}, {"largest", random.number(0, 1)}}),
           .constants = {1},
           .outputs = 2}};
}

Generator softmax_of(const std::string& op) {
  return [=](Random& random) {
    const DType dtype = random.one_of(kFloats);
    const Tensor x = random.tensor(random.dims(1, 4), dtype, -20.0, 20.0);
    return Sample{{.op = op,
                   .inputs = {x},
                   .attributes = attrs({{"axis", random.number(0, x.rank() - 1)}}),
                   .opset = random.chance(0.3) ? 11 : 22},
                  tolerance_of(dtype)};
  };
}

}  // namespace

void add_reduction_cases(Cases& cases) {
  for (const char* op : {"ReduceMax", "ReduceMin", "ReduceSum", "ReduceSumSquare", "ReduceL1"})
    cases[{"", op}] = reduce_of(op, -3.0, 3.0, kReduced);
  for (const char* op : {"ReduceMean", "ReduceL2"})
    cases[{"", op}] = reduce_of(op, -3.0, 3.0, kFloats);
  cases[{"", "ReduceProd"}] = reduce_of("ReduceProd", 0.9, 1.1, kFloats);
  cases[{"", "ReduceLogSum"}] = reduce_of("ReduceLogSum", 0.5, 2.0, kFloats);
  cases[{"", "ReduceLogSumExp"}] = reduce_of("ReduceLogSumExp", -3.0, 3.0, kFloats);
  for (const char* op : {"ArgMax", "ArgMin"})
    cases[{"", op}] = arg_of(op);
  for (const std::string op : {"CumProd", "CumSum"})
    cases[{"", op}] = [op](Random& random) { return make_running(random, op); };
  cases[{"", "TopK"}] = make_top_k;
  for (const char* op : {"Softmax", "LogSoftmax"})
    cases[{"", op}] = softmax_of(op);
}

}  // namespace braid::properties
