#include "synth/distribution.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace braid {
namespace {

// A graph whose first value is a weight of these dims, read by one node at `slot`.
struct Fixture {
  Graph graph;

  Fixture(std::vector<std::int64_t> dims, const std::string& op, std::size_t slot) {
    const ValueId weight =
        graph.add_constant("weight", Tensor::weightless(DType::Float32, std::move(dims)));
    const ValueId x = graph.add_value("x");
    Node node;
    node.op_type = op;
    node.inputs.assign(slot + 1, x);
    node.inputs[slot] = weight;
    node.outputs = {graph.add_value("y")};
    graph.nodes = {node};
  }

  // Puts a node between the weight and its reader.
  void insert(const std::string& op, const std::vector<std::int64_t>& integers,
              const std::string& attribute) {
    Node between;
    between.op_type = op;
    between.inputs = {0};
    between.outputs = {graph.add_value("between")};
    if (!integers.empty()) between.attributes.set(attribute, integers);
    for (ValueId& input : graph.nodes[0].inputs) {
      if (input == 0) input = between.outputs[0];
    }
    graph.nodes.insert(graph.nodes.begin(), between);
  }

  Distribution choose() const { return choose_distribution(graph, {0, -1}); }
};

TEST(DistributionTest, ConvUsesFanIn) {
  EXPECT_DOUBLE_EQ(Fixture({64, 8, 3, 3}, "Conv", 1).choose().scale, std::sqrt(2.0 / 72));
  EXPECT_DOUBLE_EQ(Fixture({64}, "Conv", 2).choose().scale, 0.1);
}

TEST(DistributionTest, MatMulUsesTheContractedDim) {
  EXPECT_DOUBLE_EQ(Fixture({64, 32}, "MatMul", 1).choose().scale, std::sqrt(1.0 / 64));
  EXPECT_DOUBLE_EQ(Fixture({64, 32}, "MatMul", 0).choose().scale, std::sqrt(1.0 / 32));
  EXPECT_DOUBLE_EQ(Fixture({2, 64, 32}, "MatMul", 1).choose().scale, std::sqrt(1.0 / 64));
}

TEST(DistributionTest, TransposeAndReshapeArePassed) {
  Fixture transposed({64, 32}, "MatMul", 1);
  transposed.insert("Transpose", {1, 0}, "perm");
  EXPECT_DOUBLE_EQ(transposed.choose().scale, std::sqrt(1.0 / 32));

  Fixture reshaped({4, 16, 32}, "MatMul", 1);
  reshaped.insert("Reshape", {-1, 32}, "shape");
  EXPECT_DOUBLE_EQ(reshaped.choose().scale, std::sqrt(1.0 / 64));
}

TEST(DistributionTest, GemmFollowsTransB) {
  Fixture gemm({64, 32}, "Gemm", 1);
  EXPECT_DOUBLE_EQ(gemm.choose().scale, std::sqrt(1.0 / 64));
  gemm.graph.nodes[0].attributes.set("transB", std::int64_t{1});
  EXPECT_DOUBLE_EQ(gemm.choose().scale, std::sqrt(1.0 / 32));
}

TEST(DistributionTest, EinsumContractsLettersThatTheOutputLacks) {
  Fixture einsum({32, 4, 8}, "Einsum", 1);
  einsum.graph.nodes[0].attributes.set("equation", std::string("ibh,hnd->ibnd"));
  EXPECT_DOUBLE_EQ(einsum.choose().scale, std::sqrt(1.0 / 32));
  einsum.graph.nodes[0].attributes.set("equation", std::string("ibnd, hnd -> ibh"));
  EXPECT_DOUBLE_EQ(einsum.choose().scale, std::sqrt(1.0 / 32));  // n and d
}

TEST(DistributionTest, NormsHaveScalesNearOneAndPositiveVariances) {
  EXPECT_FLOAT_EQ(Fixture({32}, "LayerNormalization", 1).choose().centre, 1);
  EXPECT_FLOAT_EQ(Fixture({32}, "LayerNormalization", 2).choose().centre, 0);
  const Distribution variance = Fixture({32}, "BatchNormalization", 4).choose();
  EXPECT_TRUE(variance.is_uniform);
  EXPECT_FLOAT_EQ(variance.centre, 0.5);
}

TEST(DistributionTest, StandardisedConvWeightIsNoNormParameter) {
  EXPECT_DOUBLE_EQ(Fixture({64, 8, 3, 3}, "BatchNormalization", 0).choose().scale,
                   std::sqrt(2.0 / 72));
}

TEST(DistributionTest, EmbeddingsBiasesAndTheRest) {
  EXPECT_DOUBLE_EQ(Fixture({1000, 64}, "Gather", 0).choose().scale, 0.5);
  EXPECT_DOUBLE_EQ(Fixture({64}, "Add", 1).choose().scale, 0.1);
  EXPECT_FLOAT_EQ(Fixture({64}, "Mul", 1).choose().centre, 1);
  EXPECT_DOUBLE_EQ(Fixture({64}, "Unknown", 0).choose().scale, 0.1);
  EXPECT_DOUBLE_EQ(Fixture({64, 32}, "Unknown", 0).choose().scale, std::sqrt(1.0 / 64));
}

}  // namespace
}  // namespace braid
