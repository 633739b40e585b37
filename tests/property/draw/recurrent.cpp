// RNN, LSTM, GRU and Attention.

#include "property/draw/drawers.hpp"

namespace braid::property {
namespace {

using Ints = Builder::Ints;

constexpr std::int64_t kHidden = 3;

ValueId pick_sequence(Builder& b) {
  return b.pick([&](ValueId id) {
    return b.is_float(id) && b.rank(id) == 3 && b.is_fixed(id, 2) && b.dims(id)[2] > 0;
  });
}

}  // namespace

void draw_recurrent(Builder& b) {
  const ValueId x = pick_sequence(b);
  const std::string op = b.one_of<const char*>({"RNN", "LSTM", "GRU"});
  const std::int64_t gates = op == "LSTM" ? 4 : op == "GRU" ? 3 : 1;
  const std::string direction = b.one_of<const char*>({"forward", "reverse", "bidirectional"});
  const std::int64_t directions = direction == "bidirectional" ? 2 : 1;
  Attributes chosen = attributes({{"hidden_size", kHidden}});
  if (direction != "forward" || b.chance(30)) chosen.set("direction", direction);
  if (op == "GRU" && b.chance(50)) chosen.set("linear_before_reset", std::int64_t{1});
  const std::int64_t rows = gates * kHidden;
  std::vector<ValueId> inputs = {x, b.weight({directions, rows, b.dims(x)[2]}),
                                 b.weight({directions, rows, kHidden})};
  inputs.push_back(b.chance(60) ? b.weight({directions, 2 * rows}) : kAbsent);
  if (b.is_fixed(x, 1) && b.chance(30)) {
    inputs.push_back(kAbsent);
    inputs.push_back(b.weight({directions, b.dims(x)[1], kHidden}));
  }
  b.nodes(op, inputs, chosen, op == "LSTM" ? b.between(1, 3) : b.between(1, 2));
}

void draw_attention(Builder& b) {
  if (b.opset() < 23) throw Rejected{};
  const ValueId x = b.pick([&](ValueId id) {
    return b.is_float(id) && b.rank(id) == 4 && b.are_fixed(id, 1, 4) && b.dims(id)[3] > 0;
  });
  const ValueId key = b.chance(50) ? x : b.node("Mul", {x, b.weight(b.broadcast_dims(x))});
  Attributes chosen;
  if (b.chance(40)) chosen.set("is_causal", std::int64_t{1});
  const Ints mask = {b.dims(x)[2], b.dims(x)[2]};
  b.node("Attention", {x, key, b.chance(50) ? x : key, b.chance(40) ? b.weight(mask) : kAbsent},
         chosen);
}

}  // namespace braid::property
