#include "runtime/check_inputs.hpp"

#include <gtest/gtest.h>

#include "braid/error.hpp"

namespace braid {
namespace {

const std::vector<Port>& ports() {
  static const std::vector<Port> ports = {
      {"x", Type::tensor(DType::Float32, {Dim::named("batch"), Dim::known(3)})},
      {"y", Type::tensor(DType::Int64, {Dim::named("batch")})}};
  return ports;
}

std::string message_of(const std::vector<Tensor>& tensors) {
  try {
    check_inputs(ports(), to_data(tensors));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::BadInput);
    return error.what();
  }
  return {};
}

Tensor floats(std::vector<std::int64_t> dims) {
  return Tensor::allocate(DType::Float32, std::move(dims));
}
Tensor integers(std::vector<std::int64_t> dims) {
  return Tensor::allocate(DType::Int64, std::move(dims));
}

TEST(CheckInputsTest, AcceptsWhatFits) {
  EXPECT_EQ(message_of({floats({4, 3}), integers({4})}), "");
  EXPECT_EQ(message_of({floats({0, 3}), integers({0})}), "");
}

TEST(CheckInputsTest, NamesCountAndInputs) {
  EXPECT_EQ(message_of({floats({4, 3})}), "1 inputs were given, but the model has 2: 'x', 'y'");
}

TEST(CheckInputsTest, NamesWhatWasExpectedAndGiven) {
  EXPECT_EQ(message_of({floats({4, 5}), integers({4})}),
            "input 'x': expected float[batch,3], given float[4,5]: dim 1 is 5 instead of 3");
  EXPECT_EQ(message_of({integers({4, 3}), integers({4})}),
            "input 'x': expected float[batch,3], given int64[4,3]: type int64 instead of float");
  EXPECT_EQ(message_of({floats({4}), integers({4})}),
            "input 'x': expected float[batch,3], given float[4]: rank 1 instead of 2");
}

TEST(CheckInputsTest, GivesASymbolOneSize) {
  EXPECT_EQ(message_of({floats({4, 3}), integers({5})}),
            "input 'y': expected int64[batch], given int64[5]: dim 0 is 5, but 'batch' is 4 in "
            "input 'x'");
}

TEST(CheckInputsTest, ListsAllProblems) {
  const std::string message = message_of({floats({4}), floats({4})});
  EXPECT_NE(message.find("input 'x'"), std::string::npos);
  EXPECT_NE(message.find("\ninput 'y'"), std::string::npos);
}

TEST(CheckInputsTest, RefusesTensorsWithoutData) {
  EXPECT_NE(message_of({Tensor::weightless(DType::Float32, {4, 3}), integers({4})}), "");
  EXPECT_NE(message_of({Tensor(), integers({4})}), "");
}

}  // namespace
}  // namespace braid
