#include "synth/weights.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "braid/error.hpp"

namespace braid {
namespace {

Node node(std::string op, std::vector<ValueId> inputs, std::vector<ValueId> outputs) {
  Node result;
  result.op_type = std::move(op);
  result.inputs = std::move(inputs);
  result.outputs = std::move(outputs);
  return result;
}

Tensor filled(std::vector<std::int64_t> dims, float value) {
  std::int64_t count = 1;
  for (const std::int64_t dim : dims)
    count *= dim;
  return Tensor::of(std::move(dims), std::vector<float>(static_cast<std::size_t>(count), value));
}

std::vector<std::string> names(const Graph& graph) {
  std::vector<std::string> result;
  for (const Weight& weight : find_weights(graph)) {
    result.push_back(graph.value(weight.value).name);
  }
  return result;
}

TEST(FindWeightsTest, OrderIsThatOfFirstUse) {
  Graph graph;
  const ValueId late = graph.add_constant("late", filled({5, 5}, 1));
  const ValueId early = graph.add_constant("early", filled({5, 5}, 1));
  const ValueId unused = graph.add_constant("unused", filled({5, 5}, 1));
  const ValueId x = graph.add_value("x");
  const ValueId y = graph.add_value("y");
  const ValueId z = graph.add_value("z");
  graph.nodes = {node("MatMul", {x, early}, {y}), node("MatMul", {y, late}, {z})};
  EXPECT_EQ(names(graph), (std::vector<std::string>{"early", "late", "unused"}));
  EXPECT_EQ(find_weights(graph).back().value, unused);
}

TEST(FindWeightsTest, SmallTensorsIntegersAndMasksAreStructure) {
  Graph graph;
  graph.add_constant("sixteen", filled({16}, 1));
  graph.add_constant("seventeen", filled({17}, 1));
  graph.add_constant("mask", filled({17}, -std::numeric_limits<float>::infinity()));
  graph.add_constant("huge", filled({17}, -3e38F));
  graph.add_constant("shape", Tensor::of({17}, std::vector<std::int64_t>(17, 1)));
  EXPECT_EQ(names(graph), (std::vector<std::string>{"seventeen"}));
}

TEST(FindWeightsTest, WeightlessModelsKeepTheTensorsThatHaveData) {
  Graph graph;
  graph.add_constant("table", filled({4, 8}, 1));
  graph.add_constant("weight", Tensor::weightless(DType::Float32, {4, 8}));
  graph.add_constant("small", Tensor::weightless(DType::Float32, {4}));
  EXPECT_EQ(names(graph), (std::vector<std::string>{"weight", "small"}));
}

TEST(FindWeightsTest, ConstantNodesHoldWeightsToo) {
  Graph graph;
  const ValueId w = graph.add_value("w");
  const ValueId x = graph.add_value("x");
  const ValueId y = graph.add_value("y");
  Node constant = node("Constant", {}, {w});
  constant.attributes.set("value", filled({5, 5}, 1));
  graph.nodes = {constant, node("MatMul", {x, w}, {y})};
  const std::vector<Weight> weights = find_weights(graph);
  ASSERT_EQ(weights.size(), 1U);
  EXPECT_EQ(weights[0].constant_node, 0);
  EXPECT_EQ(weight_tensor(graph, weights[0]).size(), 25);
}

TEST(FindWeightsTest, IntegersWithoutDataAreAnError) {
  Graph graph;
  graph.add_constant("shape", Tensor::weightless(DType::Int64, {3}));
  EXPECT_THROW(find_weights(graph), Error);
}

}  // namespace
}  // namespace braid
