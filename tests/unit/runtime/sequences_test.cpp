#include "runtime/sequences.hpp"

#include <gtest/gtest.h>

#include "braid/compile.hpp"
#include "braid/error.hpp"
#include "braid/onnx.hpp"

namespace braid {
namespace {

Tensor scalar(std::int64_t value) {
  return Tensor::of<std::int64_t>({}, {value});
}

Datum numbers(const std::vector<std::int64_t>& values) {
  std::vector<Datum> elements;
  for (const std::int64_t value : values)
    elements.emplace_back(scalar(value));
  return Datum::sequence(std::move(elements));
}

Datum call(const std::string& op, const std::vector<Datum>& inputs,
           const Attributes& attributes = {}) {
  std::vector<Datum> outputs(1);
  make_sequence_kernel(op, attributes)->run(inputs, outputs);
  return outputs[0];
}

std::vector<std::int64_t> values_of(const Datum& sequence) {
  std::vector<std::int64_t> values;
  for (const Datum& element : sequence.elements()) {
    for (const std::int64_t value : to_int64s(element.tensor()))
      values.push_back(value);
  }
  return values;
}

using Values = std::vector<std::int64_t>;

TEST(SequencesTest, InsertsBeforeAPlaceOrAtTheEnd) {
  const Datum sequence = numbers({1, 2, 3});
  EXPECT_EQ(values_of(call("SequenceInsert", {sequence, scalar(9)})), (Values{1, 2, 3, 9}));
  EXPECT_EQ(values_of(call("SequenceInsert", {sequence, scalar(9), scalar(3)})),
            (Values{1, 2, 3, 9}));
  EXPECT_EQ(values_of(call("SequenceInsert", {sequence, scalar(9), scalar(-1)})),
            (Values{1, 2, 9, 3}));
  EXPECT_EQ(values_of(call("SequenceInsert", {sequence, scalar(9), scalar(0)})),
            (Values{9, 1, 2, 3}));
  EXPECT_THROW(call("SequenceInsert", {sequence, scalar(9), scalar(4)}), Error);
  EXPECT_EQ(values_of(sequence), (Values{1, 2, 3}));
}

TEST(SequencesTest, ErasesThePlaceOrTheLast) {
  EXPECT_EQ(values_of(call("SequenceErase", {numbers({1, 2, 3})})), (Values{1, 2}));
  EXPECT_EQ(values_of(call("SequenceErase", {numbers({1, 2, 3}), scalar(-3)})), (Values{2, 3}));
  EXPECT_THROW(call("SequenceErase", {numbers({})}), Error);
}

TEST(SequencesTest, ReadsElementsAndLength) {
  EXPECT_EQ(to_int64s(call("SequenceAt", {numbers({4, 5}), scalar(-1)}).tensor()), Values{5});
  EXPECT_THROW(call("SequenceAt", {numbers({4, 5}), scalar(2)}), Error);
  EXPECT_EQ(to_int64s(call("SequenceLength", {numbers({})}).tensor()), Values{0});
}

TEST(SequencesTest, SplitsAndJoins) {
  const Tensor whole = Tensor::of<std::int64_t>({5}, {1, 2, 3, 4, 5});
  const Datum pieces = call("SplitToSequence", {whole, scalar(2)});
  ASSERT_EQ(pieces.elements().size(), 3U);
  EXPECT_EQ(pieces.elements()[2].tensor().dims(), Values{1});
  EXPECT_EQ(to_int64s(call("ConcatFromSequence", {pieces},
                           [] {
                             Attributes attributes;
                             attributes.set("axis", std::int64_t{0});
                             return attributes;
                           }())
                          .tensor()),
            to_int64s(whole));
  Attributes drops;
  drops.set("keepdims", std::int64_t{0});
  EXPECT_EQ(call("SplitToSequence", {whole}, drops).elements()[4].tensor().rank(), 0);
}

TEST(SequencesTest, TellsEmptyOptionals) {
  const auto has = [](const Datum& datum) {
    return call("OptionalHasElement", {datum}).tensor().data<std::uint8_t>()[0] != 0;
  };
  EXPECT_FALSE(has(call("Optional", {})));
  EXPECT_TRUE(has(call("Optional", {scalar(1)})));
  EXPECT_TRUE(has(scalar(1)));
  EXPECT_EQ(values_of(call("OptionalGetElement", {Datum::optional(numbers({1, 2}))})),
            (Values{1, 2}));
  EXPECT_THROW(call("OptionalGetElement", {Datum::empty_optional()}), Error);
}

TEST(SequencesTest, ElementsOutliveTheMemoryOfARun) {
  const Executable program = compile(parse_model_text(R"(
    <ir_version: 8, opset_import: ["" : 18]>
    g (float[4, 4] x) => (seq(float[4, 4]) y) {
      a = MatMul(x, x)
      y = SequenceConstruct(a, x)
    })"));
  const auto input = [](float value) {
    return std::vector<Datum>{Tensor::of<float>({4, 4}, std::vector<float>(16, value))};
  };
  const Datum first = program.run(input(1))[0];
  program.run(input(2));
  EXPECT_EQ(first.elements()[0].tensor().data<float>()[0], 4);
  EXPECT_EQ(first.elements()[1].tensor().data<float>()[0], 1);
}

}  // namespace
}  // namespace braid
