// What weights take in memory once they are packed.

#include <gtest/gtest.h>

#include "braid/compile.hpp"
#include "support/model_with_weights.hpp"
#include "support/resident_bytes.hpp"
#include "support/temporary_folder.hpp"

namespace braid {
namespace {

constexpr std::size_t kMegabyte = std::size_t{1} << 20;

// Eighteen megabytes for a product, and eight that a lookup reads a few rows of. The name of the
// operator set's producer puts them at odd places in the file.
Model large_model() {
  Model model = model_with_weights(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[n,1536] x, int64[2] rows, float[1536,3072] w, float[2048,1024] w_table)
      => (float[n,3072] y, float[2,1024] found) {
      y = MatMul(x, w)
      found = Gather(w_table, rows)
    })");
  model.producer_name = "odd";
  return model;
}

std::vector<Tensor> inputs_of(std::int64_t n) {
  return {varied_floats({n, 1536}, static_cast<double>(n)),
          Tensor::of<std::int64_t>({2}, {3, 2047})};
}

void expect_near(const Tensor& actual, const Tensor& expected) {
  ASSERT_EQ(actual.dims(), expected.dims());
  for (std::size_t i = 0; i < static_cast<std::size_t>(actual.size()); ++i)
    ASSERT_NEAR(actual.data<float>()[i], expected.data<float>()[i], 1e-3) << "element " << i;
}

TEST(WeightMemoryTest, WhatIsPackedLeavesMemory) {
  const TemporaryFolder folder;
  const auto path = folder / "m.onnx";
  const Model original = large_model();
  save_model(original, path);
  const Model loaded = load_model(path);
  const Executable judge = compile(original, {Device::Reference});
  const Executable program = compile(loaded);
  for (const Value& value : loaded.graph.values) {
    if (!value.is_constant()) continue;
    const auto bytes = value.constant.raw();
    EXPECT_NE(std::count(bytes.begin(), bytes.end(), std::byte{0}), 0);  // reads all of it
  }
  EXPECT_GT(resident_bytes(path), 25 * kMegabyte);
  for (const std::int64_t n : {2, 96, 1}) {
    const auto outputs = program.run(inputs_of(n));
    EXPECT_LT(resident_bytes(path), 4 * kMegabyte) << n << " rows";
    const auto expected = judge.run(inputs_of(n));
    expect_near(outputs[0], expected[0]);
    EXPECT_TRUE(same_content(outputs[1], expected[1]));
    const ProgramReport report = program.report(to_data(inputs_of(n)));
    EXPECT_EQ(report.weight_bytes, 26 * kMegabyte);
    EXPECT_LT(report.packed_bytes, 20 * kMegabyte) << n << " rows";
  }
}

TEST(WeightMemoryTest, SubgraphsShareWhatIsPacked) {
  const Executable program = compile(model_with_weights(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (bool c, float[4,64] x, float[64,64] w) => (float[4,64] y) {
      a = MatMul(x, w)
      y = If (c) <
        then_branch = t () => (float[4,64] t1) { t1 = MatMul(a, w) },
        else_branch = e () => (float[4,64] e1) { e0 = MatMul(a, w) e1 = Neg(e0) }
      >
    })"));
  for (const std::uint8_t truth : {0, 1}) {
    Tensor condition = Tensor::allocate(DType::Bool, {});
    condition.mutable_data<std::uint8_t>()[0] = truth;
    const std::vector<Datum> inputs = {condition, varied_floats({4, 64}, 1)};
    program.run(inputs);
    EXPECT_EQ(program.report(inputs).packed_bytes, std::size_t{64 * 64 * 4});
  }
}

}  // namespace
}  // namespace braid
