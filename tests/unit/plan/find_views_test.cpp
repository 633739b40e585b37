#include "plan/find_views.hpp"

#include <gtest/gtest.h>

#include "braid/compile.hpp"
#include "braid/onnx.hpp"
#include "plan/lower_graph.hpp"
#include "plan/specialise_shapes.hpp"
#include "tests/unit/plan/fake_backend.hpp"

namespace braid {
namespace {

const FakeBackend backend([](KernelCall&) {});

/// Values 1, 2, 3, ... for each input.
std::vector<Tensor> inputs_of(const Model& model) {
  std::vector<Tensor> inputs;
  for (const ValueId id : model.graph.inputs) {
    std::vector<std::int64_t> dims;
    for (const Dim& dim : *model.graph.value(id).type.shape)
      dims.push_back(dim.size);
    Tensor& input = inputs.emplace_back(Tensor::allocate(DType::Float32, dims));
    float next = static_cast<float>(inputs.size());
    for (float& value : input.mutable_data<float>())
      value = next++;
  }
  return inputs;
}

/// A graph over floats, lowered for the dims that its inputs state.
struct Lowered {
  explicit Lowered(const std::string& graph)
      : model(parse_model_text("<ir_version: 8, opset_import: [\"\" : 17]>" + graph)) {
    const Model original = model;
    specialise_shapes(model, to_data(inputs_of(model)));
    views = find_views(model.graph);
    PackedWeights weights;
    program = lower_graph(model, backend, weights, Memory::Planned);
    expect_right_results(original);
  }

  ValueId id(const std::string& name) const {
    for (std::size_t v = 0; v < model.graph.values.size(); ++v) {
      if (model.graph.values[v].name == name) return static_cast<ValueId>(v);
    }
    ADD_FAILURE() << "no value " << name;
    return kAbsent;
  }

  /// "base + offset" of a value, in floats; "" if it is no view.
  std::string view(const std::string& name) const {
    const View& found = views[static_cast<std::size_t>(id(name))];
    if (found.base == kAbsent) return "";
    return model.graph.value(found.base).name + " + " + std::to_string(found.offset / 4);
  }

  std::vector<std::string> steps() const {
    std::vector<std::string> ops;
    for (const Step& step : program->steps)
      ops.push_back(step.op);
    return ops;
  }

  /// All that runs on the processor, views and places included, agrees with the reference.
  static void expect_right_results(const Model& original) {
    const std::vector<Tensor> inputs = inputs_of(original);
    const auto expected = compile(original, {.device = Device::Reference}).run(inputs);
    const auto actual = compile(original, {.device = Device::Cpu, .threads = 1}).run(inputs);
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i)
      EXPECT_TRUE(same_content(actual[i], expected[i])) << "output " << i;
  }

  Model model;
  std::vector<View> views;
  std::shared_ptr<const Program> program;
};

using Steps = std::vector<std::string>;

TEST(FindViewsTest, SlicesOfOneBlock) {
  const Lowered lowered(R"(
    g (float[4, 6] x) => (float[2, 6] rows, float[4, 2] columns, float[1, 3] piece,
                          float[2, 6] odd)
    <int64[1] zero = {0}, int64[1] one = {1}, int64[1] two = {2}, int64[1] three = {3},
     int64[1] four = {4}, int64[2] starts = {2, -5}, int64[2] ends = {3, 4}> {
      y = Relu(x)
      a = Slice(y, one, three, zero)
      rows = Neg(a)
      b = Slice(y, one, three, one)
      columns = Neg(b)
      c = Slice(y, starts, ends)
      piece = Neg(c)
      d = Slice(y, zero, four, zero, two)
      odd = Neg(d)
    })");
  EXPECT_EQ(lowered.view("a"), "y + 6");
  EXPECT_EQ(lowered.view("b"), "");
  EXPECT_EQ(lowered.view("c"), "y + 13");
  EXPECT_EQ(lowered.view("d"), "");
}

TEST(FindViewsTest, WhatMovesNothing) {
  const Lowered lowered(R"(
    g (float[2, 1, 3] x) => (float[1, 2, 3] p, float[3, 1, 2] q, float[1, 2, 1, 3] r,
                             float[2, 2, 3] s, float[1, 3] t, float[2, 1] u)
    <int64[4] same = {1, 2, 1, 3}, int64[3] more = {2, 2, 3}, int64[3] ones = {1, 1, 1},
     int64 minus = {-1}> {
      y = Relu(x)
      a = Transpose<perm = [1, 0, 2]>(y)
      p = Neg(a)
      b = Transpose(y)
      q = Neg(b)
      c = Expand(y, same)
      r = Neg(c)
      d = Expand(y, more)
      s = Neg(d)
      e = Tile(y, ones)
      f = Gather<axis = 0>(e, minus)
      t = Neg(f)
      h = Gather<axis = 2>(e, minus)
      u = Neg(h)
    })");
  EXPECT_EQ(lowered.view("a"), "y + 0");
  EXPECT_EQ(lowered.view("b"), "");
  EXPECT_EQ(lowered.view("c"), "y + 0");
  EXPECT_EQ(lowered.view("d"), "");
  EXPECT_EQ(lowered.view("f"), "e + 3");
  EXPECT_EQ(lowered.view("h"), "");
}

TEST(FindViewsTest, ConcatOfWhatIsComputedInPlace) {
  const Lowered lowered(R"(
    g (float[1, 2] x, float[1, 3] y) => (float[1, 5] z) {
      a = Relu(x)
      b = Neg(y)
      c = Concat<axis = 1>(a, b)
      z = Neg(c)
    })");
  EXPECT_EQ(lowered.view("a"), "c + 0");
  EXPECT_EQ(lowered.view("b"), "c + 2");
  EXPECT_EQ(lowered.steps(), (Steps{"Relu", "Neg", "Neg"}));
  // One buffer, from the first writer on: what the second one reads must lie elsewhere.
  const Program& program = *lowered.program;
  const auto offset = [&](Slot slot) { return program.value(slot).offset; };
  EXPECT_EQ(offset(program.steps[1].outputs[0]), offset(program.steps[0].outputs[0]) + 8);
  EXPECT_EQ(offset(program.steps[2].inputs[0]), offset(program.steps[0].outputs[0]));
  EXPECT_NE(offset(program.inputs[1]) / 64, offset(program.steps[0].outputs[0]) / 64);
}

TEST(FindViewsTest, ConcatCopiesWhatCannotBePlaced) {
  const Lowered lowered(R"(
    g (float[2, 2] x) => (float[11, 2] z, float[2, 2] out)
    <float[1, 2] w = {5, 6}, int64[2] shape = {2, 2}> {
      a = Relu(x)
      out = Neg(x)
      view = Reshape(a, shape)
      c = Concat<axis = 0>(a, x, w, out, a, view)
      z = Neg(c)
    })");
  EXPECT_EQ(lowered.view("a"), "c + 0");
  EXPECT_EQ(lowered.view("out"), "");
  EXPECT_EQ(lowered.steps(), (Steps{"Relu", "Neg", "Concat", "Neg"}));
}

TEST(FindViewsTest, ConcatAlongAnInnerAxisIsCopied) {
  const Lowered lowered(R"(
    g (float[2, 2] x) => (float[2, 4] z) {
      a = Relu(x)
      b = Neg(x)
      c = Concat<axis = 1>(a, b)
      z = Neg(c)
    })");
  EXPECT_EQ(lowered.view("a"), "");
  EXPECT_EQ(lowered.steps(), (Steps{"Relu", "Neg", "Concat", "Neg"}));
}

TEST(FindViewsTest, ChainsOfConcatsAndViews) {
  const Lowered lowered(R"(
    g (float[1, 4] x) => (float[1, 12] z, float[2, 2] v) <int64[2] square = {2, 2}> {
      a = Relu(x)
      b = Neg(x)
      r = Reshape(b, square)
      v = Abs(r)
      c = Concat<axis = 1>(a, b)
      d = Abs(b)
      e = Concat<axis = -1>(d, c)
      z = Neg(e)
    })");
  EXPECT_EQ(lowered.view("b"), "c + 4");
  EXPECT_EQ(lowered.view("r"), "b + 0");
  EXPECT_EQ(lowered.view("c"), "e + 4");
  const View b = resolve_view(lowered.views, lowered.id("r"));
  EXPECT_EQ(lowered.model.graph.value(b.base).name, "e");
  EXPECT_EQ(b.offset, 32U);
  EXPECT_EQ(lowered.steps(), (Steps{"Relu", "Neg", "Abs", "Abs", "Neg"}));
}

TEST(FindViewsTest, PartsOfWhatIsPlaced) {
  const Lowered lowered(R"(
    g (float[4, 2] x) => (float[2, 2] s, float[6, 2] z) {
      a = Relu(x)
      p, q = Split<axis = 0>(a)
      s = Add(p, q)
      b = Mul(p, q)
      c = Concat<axis = 0>(b, a)
      z = Neg(c)
    })");
  EXPECT_EQ(lowered.view("a"), "c + 4");
  EXPECT_EQ(lowered.view("q"), "a + 4");
  EXPECT_EQ(lowered.view("b"), "c + 0");
  EXPECT_EQ(lowered.steps(), (Steps{"Relu", "Add", "Mul", "Neg"}));
}

TEST(FindViewsTest, AValueIsPlacedOnce) {
  const Lowered lowered(R"(
    g (float[1, 2] x) => (float[1, 4] y, float[1, 4] z) {
      a = Relu(x)
      b = Neg(x)
      c = Concat<axis = 1>(a, b)
      y = Neg(c)
      d = Concat<axis = 1>(b, a)
      z = Abs(d)
    })");
  EXPECT_EQ(lowered.view("a"), "c + 0");
  EXPECT_EQ(lowered.view("b"), "c + 2");
  EXPECT_EQ(lowered.steps(), (Steps{"Relu", "Neg", "Neg", "Concat", "Abs"}));
}

}  // namespace
}  // namespace braid
