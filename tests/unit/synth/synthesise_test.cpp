#include <gtest/gtest.h>
#include <omp.h>

#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "braid/synth.hpp"
#include "synth/weights.hpp"

namespace braid {
namespace {

constexpr int kWeights = 10;

// Ten matmuls in a row.
Model chain() {
  Model model;
  ValueId x = model.graph.add_value("x");
  for (int i = 0; i < kWeights; ++i) {
    Node node;
    node.op_type = "MatMul";
    node.inputs = {x, model.graph.add_constant("w" + std::to_string(i),
                                               Tensor::weightless(DType::Float32, {80, 80}))};
    x = model.graph.add_value("y" + std::to_string(i));
    node.outputs = {x};
    model.graph.nodes.push_back(node);
  }
  return model;
}

const Tensor& weight(const Model& model, int i) {
  return model.graph.value(model.graph.nodes[static_cast<std::size_t>(i)].inputs[1]).constant;
}

int equal_weights(const Model& a, const Model& b) {
  int count = 0;
  for (int i = 0; i < kWeights; ++i)
    count += same_content(weight(a, i), weight(b, i)) ? 1 : 0;
  return count;
}

SynthOptions options(int count, std::uint64_t seed = 0) {
  SynthOptions result;
  result.count = count;
  result.seed = seed;
  return result;
}

TEST(SynthesiseTest, SeedDecidesTheWeights) {
  const Model a = synthesise(chain(), options(2, 1), 0);
  EXPECT_EQ(equal_weights(a, synthesise(chain(), options(2, 1), 0)), kWeights);
  EXPECT_EQ(equal_weights(a, synthesise(chain(), options(2, 2), 0)), 0);
}

TEST(SynthesiseTest, ThreadsDoNot) {
  const int threads = omp_get_max_threads();
  omp_set_num_threads(1);
  const Model a = synthesise(chain(), options(1), 0);
  omp_set_num_threads(3);
  const Model b = synthesise(chain(), options(1), 0);
  omp_set_num_threads(threads);
  EXPECT_EQ(equal_weights(a, b), kWeights);
}

TEST(SynthesiseTest, VariantsAndPositionsDiffer) {
  const Model a = synthesise(chain(), options(2), 0);
  const Model b = synthesise(chain(), options(2), 1);
  EXPECT_EQ(equal_weights(a, b), 0);
  EXPECT_FALSE(same_content(weight(a, 0), weight(a, 1)));
}

TEST(SynthesiseTest, ShareMakesTheFirstOnesCommon) {
  SynthOptions shared = options(3);
  shared.share = 0.8;
  const Model a = synthesise(chain(), shared, 0);
  const Model b = synthesise(chain(), shared, 2);
  EXPECT_EQ(equal_weights(a, b), 8);
  EXPECT_TRUE(same_content(weight(a, 7), weight(b, 7)));
  EXPECT_FALSE(same_content(weight(a, 8), weight(b, 8)));
}

TEST(SynthesiseTest, ShareClassesSplitTheMembers) {
  SynthOptions classes = options(4);
  classes.share_classes = 2;
  const Model first = synthesise(chain(), classes, 0);
  EXPECT_EQ(equal_weights(first, synthesise(chain(), classes, 1)), kWeights);
  EXPECT_EQ(equal_weights(first, synthesise(chain(), classes, 2)), 0);
}

TEST(SynthesiseTest, OptionsAreChecked) {
  EXPECT_THROW(synthesise(chain(), options(2), 2), Error);
  SynthOptions both = options(2);
  both.share = 0.5;
  both.share_classes = 1;
  EXPECT_THROW(synthesise(chain(), both, 0), Error);
}

TEST(SynthesiseTest, FillsAnExportedModelAndKeepsItsStructure) {
  const Model architecture = load_model(BRAID_TEST_MODELS "/bert-small-dynamo.onnx");
  const std::vector<Weight> weights = find_weights(architecture.graph);
  EXPECT_EQ(weights.size(), 40U);  // of 41: the classifier's bias is small, so it keeps its values
  const Model filled = synthesise(architecture, options(1), 0);
  ASSERT_EQ(filled.graph.values.size(), architecture.graph.values.size());
  for (std::size_t i = 0; i < filled.graph.values.size(); ++i) {
    const Tensor& before = architecture.graph.values[i].constant;
    const Tensor& after = filled.graph.values[i].constant;
    EXPECT_EQ(static_cast<bool>(after), static_cast<bool>(before));
    if (!before) continue;
    EXPECT_TRUE(after.has_data());
    if (before.has_data()) {
      EXPECT_TRUE(same_content(before, after));
    }
  }
}

TEST(SynthesiseTest, CompleteModelsAreDrawnAnew) {
  const Model first = synthesise(chain(), options(1, 1), 0);
  const Model again = synthesise(first, options(1, 2), 0);
  EXPECT_EQ(equal_weights(first, again), 0);
  EXPECT_EQ(equal_weights(again, synthesise(chain(), options(1, 2), 0)), kWeights);
}

}  // namespace
}  // namespace braid
