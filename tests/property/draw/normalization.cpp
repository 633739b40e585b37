// Normalisations: over channels, over groups of them, over trailing dims.

#include "property/draw/drawers.hpp"

namespace braid::property {
namespace {

using Ints = Builder::Ints;

constexpr Range kPositive{0.5, 2};

ValueId pick_with_channels(Builder& b, int least_rank) {
  return b.pick([&](ValueId id) {
    return b.is_float(id) && b.rank(id) >= least_rank && b.is_fixed(id, 1) && b.dims(id)[1] > 0;
  });
}

}  // namespace

void draw_batch_normalization(Builder& b) {
  const ValueId x = pick_with_channels(b, 2);
  const Ints channels = {b.dims(x)[1]};
  Attributes chosen;
  if (b.chance(40)) chosen.set("epsilon", 0.01F);
  b.node("BatchNormalization",
         {x, b.weight(channels), b.weight(channels), b.weight(channels),
          b.weight(channels, kPositive)},
         chosen);
}

void draw_instance_normalization(Builder& b) {
  const ValueId x = pick_with_channels(b, 3);
  const Ints channels = {b.dims(x)[1]};
  b.node("InstanceNormalization", {x, b.weight(channels), b.weight(channels)},
         attributes({{"epsilon", 0.1F}}));
}

void draw_group_normalization(Builder& b) {
  if (b.opset() < 18) throw Rejected{};
  const ValueId x = pick_with_channels(b, 3);
  const std::int64_t channels = b.dims(x)[1];
  const std::int64_t groups = channels % 2 == 0 && b.chance(60) ? channels / 2 : 1;
  const Ints sizes = {b.opset() >= 21 ? channels : groups};
  b.node("GroupNormalization", {x, b.weight(sizes), b.weight(sizes)},
         attributes({{"num_groups", groups}, {"epsilon", 0.1F}}));
}

void draw_layer_normalization(Builder& b) {
  const ValueId x = b.pick_float(1);
  const int axis = b.chance(70) ? b.rank(x) - 1 : b.below(b.rank(x));
  if (!b.are_fixed(x, axis, b.rank(x))) throw Rejected{};
  const Ints sizes(b.dims(x).begin() + axis, b.dims(x).end());
  Attributes chosen = attributes({{"epsilon", 0.1F}});
  if (axis != b.rank(x) - 1 || b.chance(50))
    chosen.set("axis", std::int64_t{b.chance(50) ? axis : axis - b.rank(x)});
  const ValueId bias = b.chance(60) ? b.weight(sizes) : kAbsent;
  b.nodes("LayerNormalization", {x, b.weight(sizes), bias}, chosen,
          b.chance(10) ? b.between(2, 3) : 1);
}

void draw_rms_normalization(Builder& b) {
  const ValueId x = b.pick_float(1);
  const int axis = b.chance(70) ? b.rank(x) - 1 : b.below(b.rank(x));
  if (!b.are_fixed(x, axis, b.rank(x))) throw Rejected{};
  const Ints sizes(b.dims(x).begin() + axis, b.dims(x).end());
  b.node("RMSNormalization", {x, b.weight(sizes)},
         attributes({{"axis", std::int64_t{axis - b.rank(x)}}, {"epsilon", 0.1F}}));
}

void draw_lp_normalization(Builder& b) {
  // Away from zero, where the quotient has no limit.
  const ValueId x = b.node("Add", {b.node("Abs", {b.pick_float(1)}), b.scalar(0.5)});
  b.node("LpNormalization", {x},
         attributes({{"axis", std::int64_t{b.between(-b.rank(x), b.rank(x) - 1)}},
                     {"p", std::int64_t{b.between(1, 2)}}}));
}

void draw_mean_variance_normalization(Builder& b) {
  const ValueId x = b.pick_float(4, 4);
  if (b.dims(x)[2] * b.dims(x)[3] < 3) throw Rejected{};  // nothing varies
  const bool is_default = b.chance(40);
  b.node("MeanVarianceNormalization", {x},
         is_default ? Attributes() : attributes({{"axes", Ints{2, 3}}}));
}

void draw_lrn(Builder& b) {
  b.node("LRN", {pick_with_channels(b, 3)},
         attributes({{"size", std::int64_t{b.one_of<int>({1, 3, 5})}}, {"alpha", 0.5F}}));
}

}  // namespace braid::property
