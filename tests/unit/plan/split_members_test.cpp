#include "plan/split_members.hpp"

#include <gtest/gtest.h>

#include <set>

#include "braid/compile.hpp"
#include "braid/merge.hpp"
#include "braid/onnx.hpp"
#include "tests/unit/kernels/call_kernel.hpp"

namespace braid {
namespace {

using reference::noise;

constexpr int kWidth = 600;

// Two layers of sums of 600 terms of up to 9, which cancel.
constexpr double kTolerance = 1e-3;

// A multilayer perceptron; members with one `first` have the first layer in common.
Member member(const std::string& name, double first, double second) {
  Model model = parse_model_text(R"(
      <ir_version: 10, opset_import: ["" : 22]>
      g (float[2,600] x, float[600,600] v, float[600,600] w) => (float[2,600] y) {
        a = MatMul(x, v) b = Relu(a) y = MatMul(b, w) })");
  Graph& graph = model.graph;
  graph.value(graph.inputs[1]).constant = noise({kWidth, kWidth}, DType::Float32, first);
  graph.value(graph.inputs[2]).constant = noise({kWidth, kWidth}, DType::Float32, second);
  graph.inputs.resize(1);
  return {name, {}, std::move(model)};
}

std::set<std::string> parts_of(const Executable& program, const std::vector<Tensor>& inputs) {
  std::set<std::string> parts;
  for (const StepReport& step : program.report(to_data(inputs)).steps)
    parts.insert(step.place.substr(0, step.place.find("node")));
  return parts;
}

void expect_as_members(const Executable& program, const std::vector<Member>& members,
                       const std::vector<Tensor>& inputs) {
  const std::vector<Tensor> outputs = program.run(inputs);
  for (std::size_t m = 0; m < members.size(); ++m) {
    const Model& own = members[m].model;
    const auto expected =
        compile(own, {.device = Device::Reference}).run(std::vector{inputs[m]})[0];
    reference::expect_values(outputs[m], expected.dims(), reference::to_doubles(expected),
                             kTolerance);
  }
}

std::vector<Tensor> inputs_of(std::size_t count) {
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < count; ++i)
    inputs.push_back(noise({2, kWidth}, DType::Float32, static_cast<double>(i)));
  return inputs;
}

TEST(SplitMembersTest, RunsMembersWithWeightsOfTheirOwnSideBySide) {
  const std::vector<Member> members = {member("a", 1, 5), member("b", 2, 6), member("c", 3, 7),
                                       member("d", 4, 8)};
  const Model merged = merge(members, {.merges_always = true}).model;
  for (const int threads : {1, 2}) {
    const Executable program = compile(merged, {.threads = threads});
    EXPECT_EQ(parts_of(program, inputs_of(4)), (std::set<std::string>{"a: ", "b: ", "c: ", "d: "}));
    expect_as_members(program, members, inputs_of(4));
  }
}

// Each would read the common weights by itself.
TEST(SplitMembersTest, KeepsMembersTogetherThatShareWeights) {
  const std::vector<Member> members = {member("a", 1, 5), member("b", 1, 6)};
  const Executable program = compile(merge(members, {.merges_always = true}).model);
  EXPECT_EQ(parts_of(program, inputs_of(2)), std::set<std::string>{""});
  expect_as_members(program, members, inputs_of(2));
}

// Three members would leave one of two threads idle for a third of the time.
TEST(SplitMembersTest, KeepsMembersTogetherThatDoNotFillTheThreads) {
  const std::vector<Member> members = {member("a", 1, 5), member("b", 2, 6), member("c", 3, 7)};
  const Executable program = compile(merge(members, {.merges_always = true}).model, {.threads = 2});
  EXPECT_EQ(parts_of(program, inputs_of(3)), std::set<std::string>{""});
  expect_as_members(program, members, inputs_of(3));
}

}  // namespace
}  // namespace braid
