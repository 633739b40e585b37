#include "plan/narrow/narrow_values.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "braid/compile.hpp"
#include "braid/onnx.hpp"
#include "ir/rewrite.hpp"
#include "passes/evaluate.hpp"
#include "passes/passes.hpp"
#include "tests/unit/kernels/call_kernel.hpp"

namespace braid {
namespace {

using reference::noise;

struct Case {
  std::string name;
  std::string head;   // inputs and output
  std::string nodes;  // v is the value that is cut
  std::vector<std::vector<std::int64_t>> inputs;
  std::string op;                         // the operator that gets narrower
  std::vector<std::int64_t> narrow_dims;  // of its first output, afterwards
};

// Three members; the second is wanted, unless a case says otherwise.
std::vector<Case> cases() {
  const std::string second =
      " s = Constant<value_ints = [1]>() e = Constant<value_ints = [2]>()"
      " a = Constant<value_ints = [0]>() y = Slice(v, s, e, a)";
  const std::string channels =
      " s = Constant<value_ints = [2]>() e = Constant<value_ints = [4]>()"
      " a = Constant<value_ints = [1]>() y = Slice(v, s, e, a)";
  return {
      {"Add",
       "(float[3,2,4] x, float[2,1] z) => (float[1,2,4] y)",
       "v = Add(x, z)" + second,
       {{3, 2, 4}, {2, 1}},
       "Add",
       {1, 2, 4}},
      {"MatMul",
       "(float[3,2,4] x, float[3,4,5] w) => (float[1,2,5] y)",
       "v = MatMul(x, w)" + second,
       {{3, 2, 4}, {3, 4, 5}},
       "MatMul",
       {1, 2, 5}},
      {"MatMulColumns",
       "(float[3,4] x, float[4,6] w) => (float[3,2] y)",
       "v = MatMul(x, w)" + channels,
       {{3, 4}, {4, 6}},
       "MatMul",
       {3, 2}},
      {"Gemm",
       "(float[4,3] x, float[6,4] w, float[6] b) => (float[3,2] y)",
       "v = Gemm<transA = 1, transB = 1>(x, w, b)" + channels,
       {{4, 3}, {6, 4}, {6}},
       "Gemm",
       {3, 2}},
      {"Einsum",
       "(float[2,3,4] x, float[3,4,5] w) => (float[1,2,5] y)",
       "v = Einsum<equation = \"nmc,mck->mnk\">(x, w)" + second,
       {{2, 3, 4}, {3, 4, 5}},
       "Einsum",
       {1, 2, 5}},
      {"Conv",
       "(float[2,4,5] x, float[6,4,3] w, float[6] b) => (float[2,2,3] y)",
       "v = Conv(x, w, b)" + channels,
       {{2, 4, 5}, {6, 4, 3}, {6}},
       "Conv",
       {2, 2, 3}},
      {"ConvGroups",
       "(float[2,6,5] x, float[6,2,3] w, float[6] b) => (float[2,2,3] y)",
       "v = Conv<group = 3>(x, w, b)" + channels,
       {{2, 6, 5}, {6, 2, 3}, {6}},
       "Conv",
       {2, 2, 3}},
      {"ConvHalvesOfGroups",
       "(float[2,4,5] x, float[6,2,3] w) => (float[2,2,3] y)",
       "v = Conv<group = 2>(x, w)" + channels,
       {{2, 4, 5}, {6, 2, 3}},
       "Conv",
       {2, 6, 3}},
      {"ConvTranspose",
       "(float[2,6,5] x, float[6,2,3] w) => (float[2,2,7] y)",
       "v = ConvTranspose<group = 3>(x, w)" + channels,
       {{2, 6, 5}, {6, 2, 3}},
       "ConvTranspose",
       {2, 2, 7}},
      {"LSTM",
       "(float[4,3,2] x, float[1,8,2] w, float[1,8,2] r) => (float[1,1,2] y)",
       "u, v = LSTM<hidden_size = 2>(x, w, r) s = Constant<value_ints = [1]>()"
       " e = Constant<value_ints = [2]>() y = Slice(v, s, e, s)",
       {{4, 3, 2}, {1, 8, 2}, {1, 8, 2}},
       "LSTM",
       {}},
      {"LayerNormalization",
       "(float[3,2,4] x, float[3,1,4] w) => (float[1,2,4] y)",
       "v = LayerNormalization(x, w)" + second,
       {{3, 2, 4}, {3, 1, 4}},
       "LayerNormalization",
       {1, 2, 4}},
      {"BatchNormalization",
       "(float[2,6,2] x, float[6] w, float[6] b, float[6] m) => (float[2,2,2] y)",
       "q = Mul(w, w) v = BatchNormalization(x, w, b, m, q)" + channels,
       {{2, 6, 2}, {6}, {6}, {6}},
       "BatchNormalization",
       {2, 2, 2}},
      {"GroupNormalization",
       "(float[2,6,2] x, float[6] w, float[6] b) => (float[2,2,2] y) <float[2,6,2] v>",
       "v = GroupNormalization<num_groups = 3>(x, w, b)" + channels,
       {{2, 6, 2}, {6}, {6}},
       "GroupNormalization",
       {2, 2, 2}},
      {"Softmax",
       "(float[3,2,4] x) => (float[1,2,4] y)",
       "v = Softmax(x)" + second,
       {{3, 2, 4}},
       "Softmax",
       {1, 2, 4}},
      {"SoftmaxAcross",
       "(float[3,2,4] x) => (float[1,2,4] y)",
       "v = Softmax<axis = 0>(x)" + second,
       {{3, 2, 4}},
       "Softmax",
       {3, 2, 4}},
      {"ReduceSum",
       "(float[3,2,4] x) => (float[1,4] y)",
       "k = Constant<value_ints = [1]>() v = ReduceSum<keepdims = 0>(x, k)" + second,
       {{3, 2, 4}},
       "ReduceSum",
       {1, 4}},
      {"MaxPool",
       "(float[2,6,5] x) => (float[2,2,3] y)",
       "v = MaxPool<kernel_shape = [3]>(x)" + channels,
       {{2, 6, 5}},
       "MaxPool",
       {2, 2, 3}},
      {"Pad",
       "(float[3,2,4] x) => (float[1,2,6] y)",
       "k = Constant<value_ints = [0, 0, 1, 0, 0, 1]>() v = Pad(x, k)" + second,
       {{3, 2, 4}},
       "Pad",
       {1, 2, 6}},
      {"Transpose",
       "(float[2,3,4] x) => (float[1,2,4] y)",
       "v = Transpose<perm = [1, 0, 2]>(x)" + second,
       {{2, 3, 4}},
       "Transpose",
       {1, 2, 4}},
      {"Reshape",
       "(float[6,4] x) => (float[1,2,4] y)",
       "k = Constant<value_ints = [3, 2, 4]>() r = Neg(x) v = Reshape(r, k)" + second,
       {{6, 4}},
       "Neg",
       {2, 4}},
      {"Concat",
       "(float[1,4] x, float[1,4] z, float[1,4] w) => (float[1,4] y)",
       "v = Concat<axis = 0>(x, z, w)" + second,
       {{1, 4}, {1, 4}, {1, 4}},
       "Identity",
       {1, 4}},
      {"Split",
       "(float[3,4] x) => (float[1,4] y, float[1,4] t)",
       "r = Neg(x) y, u, t = Split<axis = 0, num_outputs = 3>(r)",
       {{3, 4}},
       "Neg",
       {2, 4}},
      {"Gather",
       "(float[3,4] x) => (float[2,4] y)",
       "r = Neg(x) k = Constant<value_ints = [2, -3]>() y = Gather(r, k)",
       {{3, 4}},
       "Neg",
       {2, 4}},
      {"GatherND",
       "(float[3,4,2] x) => (float[1,3,2] y)",
       "k = Constant<value = int64[3,3,1] {0, 1, 2, 3, 2, 1, 0, 0, 3}>()"
       " v = GatherND<batch_dims = 1>(x, k)" +
           second,
       {{3, 4, 2}},
       "GatherND",
       {1, 3, 2}},
      {"Expand",
       "(float[3,1,4] x) => (float[1,2,4] y)",
       "k = Constant<value_ints = [3, 2, 4]>() v = Expand(x, k)" + second,
       {{3, 1, 4}},
       "Expand",
       {1, 2, 4}},
      {"SliceSteps",
       "(float[5,4] x) => (float[3,4] y)",
       "r = Neg(x) s = Constant<value_ints = [0]>() e = Constant<value_ints = [5]>()"
       " t = Constant<value_ints = [2]>() y = Slice(r, s, e, s, t)",
       {{5, 4}},
       "Neg",
       {3, 4}},
      {"SliceBackwards",
       "(float[5,4] x) => (float[2,4] y)",
       "r = Neg(x) s = Constant<value_ints = [-1]>() e = Constant<value_ints = [-3]>()"
       " a = Constant<value_ints = [0]>() t = Constant<value_ints = [-1]>()"
       " y = Slice(r, s, e, a, t)",
       {{5, 4}},
       "Neg",
       {5, 4}},
      {"TwoReaders",
       "(float[3,4] x) => (float[1,4] y, float[1,4] t)",
       "r = Neg(x) v = Exp(r)" + second + " z = Constant<value_ints = [3]>() t = Slice(r, e, z, a)",
       {{3, 4}},
       "Neg",
       {2, 4}},
      {"NoRule",
       "(float[3,4] x) => (float[1,4] y)",
       "r = Neg(x) k = Constant<value = int64 {0}>() v = CumSum(r, k)" + second,
       {{3, 4}},
       "Neg",
       {3, 4}},
  };
}

Model model_of(const Case& test) {
  Model model = parse_model_text("<ir_version: 10, opset_import: [\"\" : 21]>\ng " + test.head +
                                 " { " + test.nodes + " }");
  lift_constants(model);
  settle_types(model, evaluate);
  return model;
}

class NarrowValuesTest : public testing::TestWithParam<Case> {};

TEST_P(NarrowValuesTest, ComputesTheSameOfLess) {
  const Case& test = GetParam();
  const Model whole = model_of(test);
  Model narrow = whole;
  CutConstants cut_constants;
  EXPECT_TRUE(narrow_values(narrow, cut_constants) || test.name == "SliceBackwards" ||
              test.name == "NoRule");
  const auto found = std::find_if(narrow.graph.nodes.begin(), narrow.graph.nodes.end(),
                                  [&](const Node& node) { return node.is(test.op); });
  ASSERT_NE(found, narrow.graph.nodes.end());
  if (!test.narrow_dims.empty()) {
    EXPECT_EQ(known_dims(narrow.graph, found->outputs[0]), test.narrow_dims);
  }
  std::vector<Tensor> inputs;
  for (const auto& dims : test.inputs)
    inputs.push_back(noise(dims));
  const auto expected = compile(whole, {.device = Device::Reference}).run(inputs);
  const auto actual = compile(narrow, {.device = Device::Reference}).run(inputs);
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_TRUE(same_content(actual[i], expected[i]));
}

INSTANTIATE_TEST_SUITE_P(Operators, NarrowValuesTest, testing::ValuesIn(cases()),
                         [](const auto& test) { return test.param.name; });

Tensor matrices() {
  std::vector<float> values(24);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(i);
  return Tensor::of<float>({3, 2, 4}, values);
}

TEST(CutConstantsTest, BorrowsOnePieceAndCopiesSeveral) {
  CutConstants cut;
  const Tensor whole = matrices();
  const Tensor middle = *cut.get(whole, {{{1, 2}}, {{0, 2}}, {{0, 4}}});
  EXPECT_EQ(middle.raw().data(), whole.raw().data() + 8 * sizeof(float));
  const Tensor columns = *cut.get(whole, {{{0, 1}, {2, 3}}, {{1, 2}}, {{0, 1}, {3, 4}}});
  EXPECT_TRUE(same_content(columns, Tensor::of<float>({2, 1, 2}, {4, 7, 20, 23})));
}

TEST(CutConstantsTest, PicksPartsOfAConcatenation) {
  CutConstants cut;
  const Tensor part = matrices();
  const Tensor whole = Tensor::concatenation({matrices(), part}, 0);
  EXPECT_EQ(cut.get(whole, {{{3, 6}}, {{0, 2}}, {{0, 4}}})->identity(), part.identity());
}

TEST(CutConstantsTest, CutsTheSameRegionOnce) {
  CutConstants cut;
  const Tensor whole = matrices();
  const Region region = {{{0, 3}}, {{1, 2}}, {{0, 4}}};
  EXPECT_EQ(cut.get(whole, region)->identity(), cut.get(whole, region)->identity());
  EXPECT_FALSE(cut.get(Tensor::weightless(DType::Float32, {3, 2, 4}), region));
}

}  // namespace
}  // namespace braid
