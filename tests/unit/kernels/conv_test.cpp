#include "tests/unit/kernels/call_kernel.hpp"

namespace braid::reference {
namespace {

struct Setting {
  std::int64_t n, group, in, out;  // channels per group
  Dims size, kernel, stride, dilation, pads;
};

/// Convolution by its definition, for three spatial dimensions, in long double.
std::vector<double> naive_conv(const Setting& s, const Tensor& x, const Tensor& w,
                               const Tensor& bias, Dims& out_dims) {
  const std::vector<double> xs = to_doubles(x);
  const std::vector<double> ws = to_doubles(w);
  const std::vector<double> bs = to_doubles(bias);
  std::int64_t out[3];
  for (std::size_t d = 0; d < 3; ++d) {
    out[d] = (s.size[d] + s.pads[d] + s.pads[3 + d] - (s.kernel[d] - 1) * s.dilation[d] - 1) /
                 s.stride[d] +
             1;
  }
  out_dims = {s.n, s.group * s.out, out[0], out[1], out[2]};
  std::vector<double> result;
  const auto at = [](const std::vector<double>& values, const Dims& dims, const Dims& index) {
    std::int64_t offset = 0;
    for (std::size_t d = 0; d < dims.size(); ++d)
      offset = offset * dims[d] + index[d];
    return values[static_cast<std::size_t>(offset)];
  };
  for (std::int64_t i = 0; i < product(out_dims); ++i) {
    const std::int64_t o[3] = {i / (out[2] * out[1]) % out[0], i / out[2] % out[1], i % out[2]};
    const std::int64_t channel = i / product({out[0], out[1], out[2]}) % (s.group * s.out);
    const std::int64_t image = i / product({out[0], out[1], out[2], s.group * s.out});
    long double total = bs[static_cast<std::size_t>(channel)];
    for (std::int64_t k = 0; k < product(w.dims(), 1, 5); ++k) {
      const Dims tap = {k / (s.kernel[2] * s.kernel[1]) % s.kernel[0],
                        k / s.kernel[2] % s.kernel[1], k % s.kernel[2]};
      const std::int64_t c = k / product(s.kernel);
      Dims place = {image, channel / s.out * s.in + c};
      bool inside = true;
      for (std::size_t d = 0; d < 3; ++d) {
        place.push_back(o[d] * s.stride[d] + tap[d] * s.dilation[d] - s.pads[d]);
        inside = inside && place.back() >= 0 && place.back() < s.size[d];
      }
      if (!inside) continue;
      total += static_cast<long double>(at(xs, x.dims(), place)) *
               at(ws, w.dims(), {channel, c, tap[0], tap[1], tap[2]});
    }
    result.push_back(static_cast<double>(total));
  }
  return result;
}

TEST(Conv, AgreesWithItsDefinition) {
  const std::vector<Setting> settings = {
      {1, 1, 1, 1, {1, 5, 5}, {1, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0, 0, 0, 0}},
      {2, 1, 3, 5, {1, 7, 9}, {1, 3, 2}, {1, 2, 3}, {1, 1, 2}, {0, 1, 2, 0, 0, 1}},
      {2, 3, 2, 4, {1, 6, 40}, {1, 1, 5}, {1, 1, 1}, {1, 1, 3}, {0, 0, 6, 0, 0, 6}},
      {1, 4, 1, 1, {1, 9, 8}, {1, 3, 3}, {1, 2, 2}, {1, 1, 1}, {0, 1, 1, 0, 1, 1}},
      {1, 1, 9, 13, {1, 5, 7}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0, 0, 0, 0}},
      {2, 2, 3, 2, {5, 4, 6}, {3, 2, 3}, {2, 1, 2}, {1, 2, 1}, {1, 0, 2, 1, 1, 0}},
      {0, 1, 2, 2, {1, 4, 4}, {1, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0, 0, 0, 0}}};
  for (const Setting& s : settings) {
    SCOPED_TRACE(format_dims(s.size) + " by " + format_dims(s.kernel));
    const Tensor x = noise({s.n, s.group * s.in, s.size[0], s.size[1], s.size[2]});
    const Tensor w =
        noise({s.group * s.out, s.in, s.kernel[0], s.kernel[1], s.kernel[2]}, DType::Float32, 5.0);
    const Tensor bias = noise({s.group * s.out});
    const Attributes attributes = attrs(
        {{"group", s.group}, {"strides", s.stride}, {"dilations", s.dilation}, {"pads", s.pads}});
    Dims dims;
    const std::vector<double> expected = naive_conv(s, x, w, bias, dims);
    expect_values(call("Conv", {x, w, bias}, attributes), dims, expected);
  }
}

TEST(Conv, OneDimensionByHand) {
  const Tensor x = floats({1, 1, 4}, {1, 2, 3, 4});
  const Tensor w = floats({1, 1, 3}, {1, 0, -1});
  expect_values(call("Conv", {x, w}), {1, 1, 2}, {-2, -2});
  expect_values(call("Conv", {x, w}, attrs({{"auto_pad", "SAME_UPPER"}, {"strides", Dims{2}}})),
                {1, 1, 2}, {-2, 3});
  expect_values(call("Conv", {x, w}, attrs({{"auto_pad", "SAME_LOWER"}, {"strides", Dims{2}}})),
                {1, 1, 2}, {-2, -2});
  expect_values(call("Conv", {x, w}, attrs({{"auto_pad", "VALID"}})), {1, 1, 2}, {-2, -2});
}

TEST(Conv, GroupsAreSeparateConvolutionsBitForBit) {
  const Tensor x = noise({2, 6, 11, 13});
  const Tensor w = noise({8, 3, 3, 3}, DType::Float32, 7.0);
  const Attributes attributes = attrs({{"group", 2}, {"pads", Dims{1, 1, 1, 1}}});
  const Tensor whole = call("Conv", {x, w}, attributes);
  const auto part = [](const Tensor& from, std::int64_t axis, Dims places) {
    return call("Gather", {from, list(places)}, attrs({{"axis", axis}}));
  };
  const Tensor second = call("Conv", {part(x, 1, {3, 4, 5}), part(w, 0, {4, 5, 6, 7})},
                             attrs({{"pads", Dims{1, 1, 1, 1}}}));
  EXPECT_TRUE(same_content(part(whole, 1, {4, 5, 6, 7}), second));
}

TEST(Conv, RefusesWhatDoesNotFit) {
  const Tensor x = noise({1, 4, 5, 5});
  expect_fails("channels", "Conv", {x, noise({2, 3, 3, 3})});
  expect_fails("group 3", "Conv", {x, noise({2, 4, 3, 3})}, attrs({{"group", 3}}));
  expect_fails("exceeds", "Conv", {x, noise({2, 4, 6, 6})});
  expect_fails("one rank", "Conv", {x, noise({2, 4, 3})});
  expect_fails("bias", "Conv", {x, noise({2, 4, 3, 3}), noise({3})});
  expect_fails("strides", "Conv", {x, noise({2, 4, 3, 3})}, attrs({{"strides", Dims{0, 1}}}));
  expect_fails("pads", "Conv", {x, noise({2, 4, 3, 3})}, attrs({{"pads", Dims{1, 1}}}));
  expect_fails("auto_pad", "Conv", {x, noise({2, 4, 3, 3})}, attrs({{"auto_pad", "SOME"}}));
  expect_fails("kernel_shape", "Conv", {x, noise({2, 4, 3, 3})},
               attrs({{"kernel_shape", Dims{3, 2}}}));
  expect_fails("spatial dimensions", "Conv",
               {noise({1, 1, 1, 1, 1, 1}), noise({1, 1, 1, 1, 1, 1})});
  expect_fails("type int64 is not supported", "Conv", {ints({1, 1, 1}, {1}), ints({1, 1, 1}, {1})});
}

TEST(ConvTranspose, IsTheTransposeOfConv) {
  // <conv(x), y> = <x, conv_transpose(y)>, where the input size is such that nothing is cut off.
  const Attributes attributes = attrs({{"strides", Dims{2, 1}},
                                       {"dilations", Dims{1, 2}},
                                       {"pads", Dims{1, 0, 0, 2}},
                                       {"group", 2}});
  const Tensor x = noise({2, 4, 8, 9}, DType::Float64);
  const Tensor w = noise({6, 2, 3, 3}, DType::Float64, 2.0);
  const Tensor forward = call("Conv", {x, w}, attributes);
  const Tensor y = noise(forward.dims(), DType::Float64, 9.0);
  const Tensor back = call("ConvTranspose", {y, w}, attributes);
  ASSERT_EQ(back.dims(), x.dims());
  const auto dot = [](const Tensor& a, const Tensor& b) {
    double total = 0.0;
    for (std::size_t i = 0; i < a.data<double>().size(); ++i) {
      total += a.data<double>()[i] * b.data<double>()[i];
    }
    return total;
  };
  EXPECT_NEAR(dot(forward, y), dot(x, back), 1e-9);
}

TEST(ConvTranspose, SizesByHand) {
  const Tensor x = floats({1, 1, 2}, {1, 2});
  const Tensor w = floats({1, 1, 3}, {1, 10, 100});
  const Attributes two = attrs({{"strides", Dims{2}}});
  expect_values(call("ConvTranspose", {x, w}, two), {1, 1, 5}, {1, 10, 102, 20, 200});
  Attributes extra = two;
  extra.set("output_padding", Dims{1});
  expect_values(call("ConvTranspose", {x, w}, extra), {1, 1, 6}, {1, 10, 102, 20, 200, 0});
  Attributes stated = two;
  stated.set("output_shape", Dims{4});
  expect_values(call("ConvTranspose", {x, w, floats({1}, {0.5F})}, stated), {1, 1, 4},
                {10.5, 102.5, 20.5, 200.5});
  Attributes upper = two;
  upper.set("auto_pad", "SAME_UPPER");
  expect_values(call("ConvTranspose", {x, w}, upper), {1, 1, 4}, {1, 10, 102, 20});
  Attributes pads = two;
  pads.set("pads", Dims{1, 1});
  expect_values(call("ConvTranspose", {x, w}, pads), {1, 1, 3}, {10, 102, 20});
  extra.set("output_padding", Dims{2});
  expect_fails("output_padding", "ConvTranspose", {x, w}, extra);
}

TEST(Pool, MaxWithIndices) {
  const Tensor x = floats({1, 1, 3, 3}, {1, 9, 3, 4, 5, 6, 7, 8, 2});
  const Attributes two = attrs({{"kernel_shape", Dims{2, 2}}});
  std::vector<Tensor> outputs = call_all("MaxPool", {x}, two, 2);
  expect_values(outputs[0], {1, 1, 2, 2}, {9, 9, 8, 8});
  expect_values(outputs[1], {1, 1, 2, 2}, {1, 1, 7, 7});
  Attributes by_column = two;
  by_column.set("storage_order", std::int64_t{1});
  expect_values(call_all("MaxPool", {x}, by_column, 2)[1], {1, 1, 2, 2}, {3, 3, 5, 5});
  Attributes wide = two;
  wide.set("dilations", Dims{2, 2});
  expect_values(call("MaxPool", {x}, wide), {1, 1, 1, 1}, {7});
  Attributes ceiling = two;
  ceiling.set("strides", Dims{2, 2});
  expect_values(call("MaxPool", {x}, ceiling), {1, 1, 1, 1}, {9});
  ceiling.set("ceil_mode", std::int64_t{1});
  expect_values(call("MaxPool", {x}, ceiling), {1, 1, 2, 2}, {9, 6, 8, 2});
  expect_values(call("MaxPool", {tensor(DType::Int8, {1, 1, 3}, {-7, -5, -9})},
                     attrs({{"kernel_shape", Dims{2}}, {"pads", Dims{1, 1}}})),
                {1, 1, 4}, {-7, -5, -5, -9});
  expect_fails("kernel_shape is missing", "MaxPool", {x});
}

TEST(Pool, AverageAndItsDivisors) {
  const Tensor x = floats({1, 1, 4}, {1, 2, 3, 4});
  const auto pool = [&](std::int64_t count_pads, std::int64_t ceiling) {
    return call("AveragePool", {x},
                attrs({{"kernel_shape", Dims{3}},
                       {"strides", Dims{2}},
                       {"pads", Dims{1, 0}},
                       {"ceil_mode", ceiling},
                       {"count_include_pad", count_pads}}));
  };
  expect_values(pool(0, 0), {1, 1, 2}, {1.5, 3});
  expect_values(pool(1, 0), {1, 1, 2}, {1, 3});
  expect_values(pool(0, 1), {1, 1, 2}, {1.5, 3});
  const Tensor longer = floats({1, 1, 5}, {1, 2, 3, 4, 5});
  const Attributes beyond = attrs({{"kernel_shape", Dims{2}},
                                   {"strides", Dims{2}},
                                   {"ceil_mode", 1},
                                   {"count_include_pad", 1}});
  expect_values(call("AveragePool", {longer}, beyond), {1, 1, 3}, {1.5, 3.5, 5});
  expect_values(call("AveragePool", {noise({2, 0, 4, 4})}, attrs({{"kernel_shape", Dims{2, 2}}})),
                {2, 0, 3, 3}, {});
}

TEST(Pool, Global) {
  const Tensor x = floats({1, 2, 2, 1}, {1, 2, -3, -5});
  expect_values(call("GlobalAveragePool", {x}), {1, 2, 1, 1}, {1.5, -4});
  expect_values(call("GlobalMaxPool", {x}), {1, 2, 1, 1}, {2, -3});
  expect_fails("at least 2", "GlobalMaxPool", {floats({1}, {1})});
}

TEST(Pool, HostileWindowsEndQuickly) {
  const std::int64_t huge = std::int64_t{1} << 30;
  const Tensor x = noise({1, 1, 3});
  const Attributes wide = attrs({{"kernel_shape", Dims{huge}}, {"pads", Dims{huge, 0}}});
  EXPECT_EQ(call("MaxPool", {x}, wide).dims(), (Dims{1, 1, 4}));
  expect_fails("out of range", "MaxPool", {noise({1, 1, 3, 3, 3})},
               attrs({{"kernel_shape", Dims{huge, huge, huge}}}));
  expect_fails("out of range", "MaxPool", {x},
               attrs({{"kernel_shape", Dims{std::int64_t{1} << 62}}}));
}

}  // namespace
}  // namespace braid::reference
