// Convolution and pooling in one to three dimensions, with every attribute.

#include <algorithm>

#include "property/draw/drawers.hpp"

namespace braid::property {
namespace {

using Ints = Builder::Ints;

// Behind a batch and fixed channels, one to three spatial dims.
ValueId pick_image(Builder& b) {
  return b.pick([&](ValueId id) {
    return b.is_float(id) && b.rank(id) >= 3 && b.rank(id) <= 5 && b.is_fixed(id, 1) &&
           b.dims(id)[1] > 0;
  });
}

struct Window {
  Ints kernel;
  Attributes attributes;
};

Ints draw_ints(Builder& b, int count, int low, int high) {
  Ints values;
  for (int i = 0; i < count; ++i)
    values.push_back(b.between(low, high));
  return values;
}

Window draw_window(Builder& b, int spatial, bool has_dilations) {
  Window window;
  window.kernel = draw_ints(b, spatial, 1, 3);
  Attributes& attributes = window.attributes;
  if (b.chance(40)) attributes.set("strides", draw_ints(b, spatial, 1, 2));
  if (has_dilations && b.chance(25)) attributes.set("dilations", draw_ints(b, spatial, 1, 2));
  if (b.chance(25)) {
    attributes.set(
        "auto_pad",
        std::string(b.one_of<const char*>({"SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"})));
  } else if (b.chance(60)) {
    attributes.set("pads", draw_ints(b, 2 * spatial, 0, 1));
  }
  return window;
}

}  // namespace

void draw_conv(Builder& b) {
  const ValueId x = b.or_constant(pick_image(b));
  const std::int64_t channels = b.dims(x)[1];
  std::vector<std::int64_t> divisors;
  for (std::int64_t g = 1; g <= channels; ++g) {
    if (channels % g == 0) divisors.push_back(g);
  }
  const std::int64_t group = b.chance(60) ? 1 : b.one_of(divisors);
  const std::int64_t outputs = group * b.between(1, group > 1 ? 2 : 5);
  Window window = draw_window(b, b.rank(x) - 2, true);
  Ints sizes = {outputs, channels / group};
  sizes.insert(sizes.end(), window.kernel.begin(), window.kernel.end());
  if (group > 1) window.attributes.set("group", group);
  if (b.chance(50)) window.attributes.set("kernel_shape", window.kernel);
  const ValueId bias = b.chance(60) ? b.weight({outputs}) : kAbsent;
  b.node("Conv", {x, b.weight(sizes), bias}, window.attributes);
}

void draw_conv_transpose(Builder& b) {
  const ValueId x = pick_image(b);
  const std::int64_t channels = b.dims(x)[1];
  const std::int64_t group = channels % 2 == 0 && b.chance(40) ? 2 : 1;
  const std::int64_t outputs = b.between(1, 3);
  Window window = draw_window(b, b.rank(x) - 2, true);
  Ints sizes = {channels, outputs};
  sizes.insert(sizes.end(), window.kernel.begin(), window.kernel.end());
  if (group > 1) window.attributes.set("group", group);
  if (window.attributes.has("strides") && b.chance(40)) {
    Ints padding = window.attributes.get_ints("strides");
    for (std::int64_t& size : padding)
      --size;
    window.attributes.set("output_padding", padding);
  }
  const ValueId bias = b.chance(60) ? b.weight({group * outputs}) : kAbsent;
  b.node("ConvTranspose", {x, b.weight(sizes), bias}, window.attributes);
}

void draw_grid_sample(Builder& b) {
  const ValueId x =
      b.pick([&](ValueId id) { return b.is_float(id) && b.rank(id) == 4 && b.is_fixed(id, 0); });
  b.node("GridSample", {x, b.weight({b.dims(x)[0], 2, 3, 2})},
         attributes({{"padding_mode",
                      std::string(b.one_of<const char*>({"zeros", "border", "reflection"}))}}));
}

void draw_roi_align(Builder& b) {
  const ValueId x = b.pick([&](ValueId id) { return b.is_float(id) && b.rank(id) == 4; });
  b.node("RoiAlign",
         {x, b.weight({2, 4}, {0, 3}), b.constant(Tensor::of<std::int64_t>({2}, {0, 0}))},
         attributes({{"output_height", std::int64_t{2}},
                     {"output_width", std::int64_t{2}},
                     {"sampling_ratio", std::int64_t{2}}}));
}

void draw_pool(Builder& b) {
  const ValueId x = pick_image(b);
  const std::string op =
      b.one_of<const char*>({"MaxPool", "MaxPool", "AveragePool", "AveragePool", "LpPool",
                             "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"});
  if (op.starts_with("Global")) {
    b.node(op, {x});
    return;
  }
  Window window =
      draw_window(b, b.rank(x) - 2, op == "MaxPool" ? b.opset() >= 10 : b.opset() >= 19);
  window.attributes.set("kernel_shape", window.kernel);
  if (b.opset() >= 10 && op != "LpPool" && b.chance(25))
    window.attributes.set("ceil_mode", std::int64_t{1});
  if (op == "AveragePool" && b.chance(30))
    window.attributes.set("count_include_pad", std::int64_t{1});
  b.nodes(op, {x}, window.attributes, op == "MaxPool" && b.chance(15) ? 2 : 1);
}

void draw_shuffled_space(Builder& b) {
  const ValueId x = b.pick([&](ValueId id) { return b.is_float(id) && b.rank(id) == 4; });
  const std::int64_t size = 2;
  if (b.chance(50)) {
    b.node("SpaceToDepth", {x}, attributes({{"blocksize", size}}));
    return;
  }
  Attributes chosen = attributes({{"blocksize", size}});
  if (b.opset() >= 11 && b.chance(50)) chosen.set("mode", std::string("CRD"));
  b.node("DepthToSpace", {x}, chosen);
}

void draw_resize(Builder& b) {
  if (b.opset() < 11) throw Rejected{};
  const ValueId x = pick_image(b);
  std::vector<float> scales = {1, 1};
  for (int axis = 2; axis < b.rank(x); ++axis)
    scales.push_back(b.one_of<float>({0.5F, 1, 1.5F, 2}));
  const auto count = static_cast<std::int64_t>(scales.size());
  const ValueId roi = b.opset() < 13 ? b.constant(Tensor::of<float>({0}, {})) : kAbsent;
  b.node("Resize", {x, roi, b.constant(Tensor::of<float>({count}, scales))},
         attributes({{"mode", std::string(b.one_of<const char*>({"nearest", "linear"}))}}));
}

}  // namespace braid::property
