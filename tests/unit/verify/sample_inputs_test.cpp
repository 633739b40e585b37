#include <gtest/gtest.h>

#include <algorithm>

#include "braid/compile.hpp"
#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "braid/verify.hpp"

namespace braid {
namespace {

std::vector<Tensor> sample(const std::string& graph, std::uint64_t seed = 0,
                           const std::map<std::string, std::int64_t>& dims = {}) {
  const Model model = parse_model_text("<ir_version: 8, opset_import: [\"\" : 17]> g " + graph);
  return sample_inputs(model, compile(model).inputs(), seed, dims);
}

TEST(SampleInputsTest, TakesSizesOfSymbolsByName) {
  const auto tensors =
      sample("(float[n, m, 3] x) => (float[n, m, 3] y) { y = Relu(x) }", 0, {{"m", 5}});
  EXPECT_EQ(describe(tensors[0]), "float[2,5,3]");
}

TEST(SampleInputsTest, DrawsFloatsFromANormalDistribution) {
  const Tensor tensor = sample("(float[100, 100] x) => (float[100, 100] y) { y = Relu(x) }")[0];
  double sum = 0;
  double squares = 0;
  for (const float value : tensor.data<float>()) {
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / 10000, 0, 0.03);
  EXPECT_NEAR(squares / 10000, 1, 0.05);
}

TEST(SampleInputsTest, IsTheSameOnEveryMachine) {
  const Tensor tensor = sample("(float[3] x) => (float[3] y) { y = Relu(x) }", 7)[0];
  EXPECT_EQ(tensor.data<float>()[0], 5432.0F / 65536);
  EXPECT_EQ(tensor.data<float>()[1], -1649.0F / 65536);
}

TEST(SampleInputsTest, DependsOnSeedAndInput) {
  const std::string graph = "(float[9] x, float[9] z) => (float[9] y) { y = Add(x, z) }";
  EXPECT_TRUE(same_content(sample(graph, 1)[0], sample(graph, 1)[0]));
  EXPECT_FALSE(same_content(sample(graph, 1)[0], sample(graph, 2)[0]));
  EXPECT_FALSE(same_content(sample(graph, 1)[0], sample(graph, 1)[1]));
}

TEST(SampleInputsTest, KeepsIndicesWithinTheirTable) {
  const Tensor tensor =
      sample("(int64[1000] i, float[30, 4] t) => (float[1000, 4] y) { y = Gather(t, i) }")[0];
  const auto [least, most] = std::ranges::minmax(tensor.data<std::int64_t>());
  EXPECT_EQ(least, 0);
  EXPECT_EQ(most, 29);
}

TEST(SampleInputsTest, KeepsAtLeastOneElementOfEachMaskRow) {
  const Tensor tensor = sample("(int64[50, 4] x) => (int64[50, 4] y) { y = Identity(x) }")[0];
  const auto values = tensor.data<std::int64_t>();
  EXPECT_EQ(
      std::ranges::count_if(values, [](std::int64_t value) { return value < 0 || value > 1; }), 0);
  EXPECT_GT(std::ranges::count(values, 0), 0);
  for (std::size_t i = 0; i < values.size(); i += 4)
    EXPECT_EQ(values[i], 1);
}

TEST(SampleInputsTest, RefusesWhatItCannotMakeUp) {
  EXPECT_THROW(sample("(float x_, string[2] x) => (string[2] y) { y = Identity(x) }"), Error);
  EXPECT_THROW(sample("(float[n] x) => (float[n] y) { y = Relu(x) }", 0, {{"n", -1}}), Error);
  EXPECT_THROW(sample("(float[n, n, n] x) => (float[n, n, n] y) { y = Relu(x) }", 0,
                      {{"n", std::int64_t{1} << 40}}),
               Error);
}

}  // namespace
}  // namespace braid
