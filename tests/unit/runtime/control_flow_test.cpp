#include <gtest/gtest.h>

#include "braid/compile.hpp"
#include "braid/error.hpp"
#include "braid/onnx.hpp"

namespace braid {
namespace {

Tensor int_scalar(std::int64_t value) {
  return Tensor::of<std::int64_t>({}, {value});
}

Tensor bool_scalar(bool value) {
  Tensor tensor = Tensor::allocate(DType::Bool, {});
  tensor.mutable_data<std::uint8_t>()[0] = value ? 1 : 0;
  return tensor;
}

Tensor floats(const std::vector<float>& values) {
  return Tensor::of<float>({static_cast<std::int64_t>(values.size())}, values);
}

void expect_floats(const Tensor& tensor, const std::vector<float>& values) {
  ASSERT_EQ(tensor.dtype(), DType::Float32);
  const auto data = tensor.data<float>();
  EXPECT_EQ(std::vector<float>(data.begin(), data.end()), values);
}

// On the CPU and by the reference, which must agree; but without turns, only inference knows dims.
std::vector<Datum> run(const std::string& graph, const std::vector<Datum>& inputs, int opset = 18) {
  const Model model = parse_model_text(
      "<ir_version: 8, opset_import: [\"\" : " + std::to_string(opset) + "]> " + graph);
  const std::vector<Datum> outputs = compile(model, {Device::Cpu, 1}).run(inputs);
  const std::vector<Datum> judged = compile(model, {Device::Reference, 1}).run(inputs);
  EXPECT_EQ(outputs.size(), judged.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].is_tensor() && judged[i].is_tensor() && outputs[i].tensor().size() > 0) {
      EXPECT_TRUE(same_content(outputs[i].tensor(), judged[i].tensor())) << "output " << i;
    }
  }
  return outputs;
}

constexpr const char* kIf = R"(
    g (bool c, float[n] x) => (float[n] y) <float[1] w = {10}> {
      a = Mul(x, x)
      y = If (c) <
        then_branch = t () => (float[n] t1) { t1 = Add(a, w) },
        else_branch = e () => (float[n] e1) { e1 = Identity(x) }
      >
    })";

TEST(ControlFlowTest, IfTakesOneBranch) {
  expect_floats(run(kIf, {bool_scalar(true), floats({1, 2})})[0].tensor(), {11, 14});
  expect_floats(run(kIf, {bool_scalar(false), floats({1, 2})})[0].tensor(), {1, 2});
}

TEST(ControlFlowTest, IfYieldsOtherDimsThanInferred) {
  const char* const graph = R"(
    g (bool c, float[4] x) => (float[n] y) <int64[1] from = {0}, int64[1] to = {2}> {
      y = If (c) <
        then_branch = t () => (float[n] t1) { t1 = Slice(x, from, to) },
        else_branch = e () => (float[n] e1) { e1 = Concat <axis = 0> (x, x) }
      >
    })";
  EXPECT_EQ(run(graph, {bool_scalar(true), floats({1, 2, 3, 4})})[0].tensor().dim(0), 2);
  EXPECT_EQ(run(graph, {bool_scalar(false), floats({1, 2, 3, 4})})[0].tensor().dim(0), 8);
}

constexpr const char* kLoop = R"(
    g (int64 m, bool c, float[n] x) => (float[n] last, float[t, n] all) <float[1] one = {1}> {
      last, all = Loop (m, c, x) <
        body = b (int64 i, bool go, float[n] state) => (bool go_on, float[n] next, float[n] kept) {
          go_on = Identity(go)
          next = Add(state, one)
          kept = Mul(next, x)
        }
      >
    })";

TEST(ControlFlowTest, LoopCarriesStatesAndStacksWhatItScans) {
  const auto outputs = run(kLoop, {int_scalar(3), bool_scalar(true), floats({1, 2})});
  expect_floats(outputs[0].tensor(), {4, 5});
  expect_floats(outputs[1].tensor(), {2, 6, 3, 8, 4, 10});
  EXPECT_EQ(outputs[1].tensor().dims(), (std::vector<std::int64_t>{3, 2}));
}

TEST(ControlFlowTest, LoopWithoutTurnsYieldsEmptyScans) {
  for (const bool condition : {true, false}) {
    const auto outputs =
        run(kLoop, {int_scalar(condition ? 0 : 5), bool_scalar(condition), floats({1, 2})});
    expect_floats(outputs[0].tensor(), {1, 2});
    EXPECT_EQ(outputs[1].tensor().dtype(), DType::Float32);
    EXPECT_EQ(outputs[1].tensor().rank(), 2);
    EXPECT_EQ(outputs[1].tensor().dim(0), 0);
  }
}

TEST(ControlFlowTest, LoopEndsByItsConditionAlone) {
  const auto outputs = run(R"(
    g (float x) => (float last) <float limit = {20}> {
      last = Loop ("", "", x) <
        body = b (int64 i, bool go, float state) => (bool go_on, float next) {
          next = Add(state, state)
          go_on = Less(next, limit)
        }
      >
    })",
                           {Tensor::of<float>({}, {1})});
  expect_floats(outputs[0].tensor(), {32});
}

// Each turn has other dims than the one before, more than Programs are kept.
TEST(ControlFlowTest, LoopGrowsWhatItCarries) {
  const auto outputs = run(R"(
    g (int64 m, float[n] x) => (float[k] last) {
      last = Loop (m, "", x) <
        body = b (int64 i, bool go, float[j] state) => (bool go_on, float[k] next) {
          go_on = Identity(go)
          next = Concat <axis = 0> (state, x)
        }
      >
    })",
                           {int_scalar(40), floats({1, 2})});
  EXPECT_EQ(outputs[0].tensor().dim(0), 82);
  EXPECT_EQ(outputs[0].tensor().data<float>()[81], 2);
}

TEST(ControlFlowTest, InnerBodiesReadAllOuterGraphs) {
  const auto outputs = run(R"(
    g (int64 m, bool c, float[n] x) => (float[n] last) <float[1] w = {100}> {
      last = Loop (m, "", x) <
        body = b (int64 i, bool go, float[n] state) => (bool go_on, float[n] next) {
          go_on = Identity(go)
          next = If (c) <
            then_branch = t () => (float[n] t2) { t1 = Add(state, w) t2 = Add(t1, x) },
            else_branch = e () => (float[n] e1) { e1 = Sub(state, x) }
          >
        }
      >
    })",
                           {int_scalar(2), bool_scalar(true), floats({1, 2})});
  expect_floats(outputs[0].tensor(), {203, 206});
}

TEST(ControlFlowTest, LoopCarriesSequences) {
  const auto outputs = run(R"(
    g (int64 m, float[n] x) => (float[k] y, int64 count) {
      none = SequenceEmpty()
      all = Loop (m, "", none) <
        body = b (int64 i, bool go, seq(float[n]) state) => (bool go_on, seq(float[n]) next) {
          go_on = Identity(go)
          f = Cast <to = 1> (i)
          a = Add(x, f)
          next = SequenceInsert(state, a)
        }
      >
      y = ConcatFromSequence <axis = 0> (all)
      count = SequenceLength(all)
    })",
                           {int_scalar(3), floats({1, 2})});
  expect_floats(outputs[0].tensor(), {1, 2, 2, 3, 3, 4});
  EXPECT_EQ(to_int64s(outputs[1].tensor())[0], 3);
}

constexpr const char* kScan = R"(
    g (float[k] start, float[n, k] x) => (float[k] sum, float[n, k] sums) {
      sum, sums = Scan <num_scan_inputs = 1, scan_input_directions = [DIRECTION],
                        body = b (float[k] state, float[k] row) => (float[k] next, float[k] kept) {
          next = Add(state, row)
          kept = Identity(next)
        }
      > (start, x)
    })";

std::string scan(const std::string& direction) {
  std::string text = kScan;
  return text.replace(text.find("DIRECTION"), 9, direction);
}

TEST(ControlFlowTest, ScanWalksForwardAndBackward) {
  const Tensor rows = Tensor::of<float>({3, 1}, {1, 2, 4});
  auto outputs = run(scan("0"), {floats({0}), rows});
  expect_floats(outputs[0].tensor(), {7});
  expect_floats(outputs[1].tensor(), {1, 3, 7});
  outputs = run(scan("1"), {floats({0}), rows});
  expect_floats(outputs[1].tensor(), {4, 6, 7});
}

TEST(ControlFlowTest, ScanOfNothingYieldsNothing) {
  const auto outputs = run(scan("0"), {floats({5}), Tensor::allocate(DType::Float32, {0, 1})});
  expect_floats(outputs[0].tensor(), {5});
  EXPECT_EQ(outputs[1].tensor().dims(), (std::vector<std::int64_t>{0, 1}));
}

TEST(ControlFlowTest, ScanOfABatchEndsAtTheLengthOfEachEntry) {
  const auto outputs =
      run(R"(
    g (int64[b] lengths, float[b, k] start, float[b, n, k] x) => (float[b, k] s, float[b, n, k] z) {
      s, z = Scan <num_scan_inputs = 1,
                   body = b (float[k] state, float[k] row) => (float[k] next, float[k] kept) {
          next = Add(state, row)
          kept = Identity(next)
        }
      > (lengths, start, x)
    })",
          {Tensor::of<std::int64_t>({2}, {1, 3}), Tensor::of<float>({2, 1}, {0, 10}),
           Tensor::of<float>({2, 3, 1}, {1, 2, 3, 1, 2, 3})},
          8);
  expect_floats(outputs[0].tensor(), {1, 16});
  expect_floats(outputs[1].tensor(), {1, 0, 0, 11, 13, 16});
}

TEST(ControlFlowTest, SequenceMapTakesElementsAndWholes) {
  const auto outputs = run(R"(
    g (seq(float[n]) s, float[n] x) => (seq(float[n]) y) {
      y = SequenceMap (s, x) <
        body = b (float[n] element, float[n] whole) => (float[n] z) { z = Mul(element, whole) }
      >
    })",
                           {Datum::sequence({floats({1, 2}), floats({3, 4})}), floats({10, 100})});
  ASSERT_EQ(outputs[0].elements().size(), 2U);
  expect_floats(outputs[0].elements()[1].tensor(), {30, 400});
}

TEST(ControlFlowTest, RunsAgainWithOtherDims) {
  const Executable program =
      compile(parse_model_text(std::string("<ir_version: 8, opset_import: [\"\" : 18]> ") + kLoop));
  for (const std::int64_t size : {2, 5, 2, 3}) {
    const auto outputs = program.run(
        std::vector<Tensor>{int_scalar(2), bool_scalar(true),
                            floats(std::vector<float>(static_cast<std::size_t>(size), 1))});
    EXPECT_EQ(outputs[1].dims(), (std::vector<std::int64_t>{2, size}));
    EXPECT_EQ(outputs[1].data<float>()[0], 2);
  }
}

TEST(ControlFlowTest, NamesTheNodeWithinASubgraph) {
  const Model model = parse_model_text(R"(
    <ir_version: 8, opset_import: ["" : 18]>
    g (bool c, float[n] x, float[m] w) => (float[k] y) {
      y = If (c) <
        then_branch = t () => (float[k] t1) { t1 = Add(x, w) },
        else_branch = e () => (float[k] e1) { e1 = Identity(x) }
      >
    })");
  try {
    compile(model).run(std::vector<Tensor>{bool_scalar(true), floats({1, 2}), floats({1, 2, 3})});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("node 'y' (If): ")) << error.what();
  }
}

}  // namespace
}  // namespace braid
