#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "braid/error.hpp"
#include "braid/kernel.hpp"
#include "kernels/reference/axes.hpp"
#include "kernels/reference/convert.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference {

inline constexpr std::int64_t kOpset = 22;

/// Attributes in one expression: attrs({{"axis", 1}, {"mode", "edge"}, {"pads", Dims{1, 1}}}).
inline Attributes attrs(std::initializer_list<std::pair<const char*, AttributeValue>> items) {
  Attributes result;
  for (const auto& [name, value] : items)
    result.set(name, value);
  return result;
}

/// All outputs of an operator; an empty Tensor stands for an absent input.
inline std::vector<Tensor> call_all(const std::string& op, const std::vector<Tensor>& inputs,
                                    const Attributes& attributes = {}, std::size_t outputs = 1,
                                    std::int64_t opset = kOpset) {
  const KernelFunction kernel = find_kernel("", op);
  if (kernel == nullptr) throw Error(ErrorKind::Unsupported, "no kernel for " + op);
  std::vector<Tensor> results(outputs);
  KernelCall call(op, opset, attributes, inputs, results);
  kernel(call);
  return results;
}

inline Tensor call(const std::string& op, const std::vector<Tensor>& inputs,
                   const Attributes& attributes = {}, std::int64_t opset = kOpset) {
  return call_all(op, inputs, attributes, 1, opset)[0];
}

/// A tensor of any type from doubles.
inline Tensor tensor(DType dtype, Dims dims, const std::vector<double>& values) {
  Tensor result = Tensor::allocate(dtype, std::move(dims));
  store(dtype, result.mutable_raw().data(), 0, 1, result.size(), values.data());
  return result;
}

inline Tensor floats(Dims dims, const std::vector<float>& values) {
  return Tensor::of(std::move(dims), values);
}

inline Tensor ints(Dims dims, const std::vector<std::int64_t>& values) {
  return Tensor::of(std::move(dims), values);
}

/// A list of int64, as axes, shapes and the like are given.
inline Tensor list(const std::vector<std::int64_t>& values) {
  return ints({static_cast<std::int64_t>(values.size())}, values);
}

inline Tensor scalar(std::int64_t value) {
  return ints({}, {value});
}

/// Reproducible values of both signs and different size; nothing special about them.
inline Tensor noise(Dims dims, DType dtype = DType::Float32, double seed = 1.0) {
  std::vector<double> values(static_cast<std::size_t>(product(dims)));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = std::sin(seed + 12.9898 * static_cast<double>(i + 1)) * 3.0;
  }
  return tensor(dtype, std::move(dims), values);
}

/// Same dims, and values within `tolerance` of the expected ones; NaN equals NaN.
inline void expect_values(const Tensor& actual, const Dims& dims,
                          const std::vector<double>& expected, double tolerance = 1e-6) {
  ASSERT_EQ(actual.dims(), dims);
  const std::vector<double> values = to_doubles(actual);
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(expected[i])) {
      EXPECT_TRUE(std::isnan(values[i])) << "element " << i;
    } else if (std::isinf(expected[i])) {
      EXPECT_EQ(values[i], expected[i]) << "element " << i;
    } else {
      EXPECT_NEAR(values[i], expected[i], tolerance * (1.0 + std::fabs(expected[i])))
          << "element " << i;
    }
  }
}

/// The operator refuses, as the caller's fault, with a message that names it and holds `part`.
inline void expect_fails(const std::string& part, const std::string& op,
                         const std::vector<Tensor>& inputs, const Attributes& attributes = {},
                         std::int64_t opset = kOpset) {
  try {
    call(op, inputs, attributes, opset);
    ADD_FAILURE() << op << " did not fail";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::BadInput) << error.what();
    EXPECT_THAT(error.what(), testing::HasSubstr(op + ": "));
    EXPECT_THAT(error.what(), testing::HasSubstr(part));
  }
}

}  // namespace braid::reference
