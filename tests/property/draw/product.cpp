// MatMul, Gemm and Einsum in every broadcast and transpose form.

#include <algorithm>
#include <numeric>

#include "property/draw/drawers.hpp"

namespace braid::property {
namespace {

using Ints = Builder::Ints;

// Batch dims of a weight beside those of `x`: none, some of them, or one more.
Ints draw_batch(Builder& b, ValueId x) {
  if (b.chance(65)) return {};
  Ints batch;
  for (int axis = b.between(0, std::max(0, b.rank(x) - 2)); axis < b.rank(x) - 2; ++axis) {
    const bool is_one = !b.is_fixed(x, axis) || b.chance(25);
    batch.push_back(is_one ? 1 : b.dims(x)[static_cast<std::size_t>(axis)]);
  }
  if (b.chance(10)) batch.insert(batch.begin(), 2);
  return batch;
}

ValueId transposed(Builder& b, ValueId x) {
  Ints perm(static_cast<std::size_t>(b.rank(x)));
  std::iota(perm.begin(), perm.end(), 0);
  std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
  return b.node("Transpose", {x}, attributes({{"perm", perm}}));
}

}  // namespace

void draw_matmul(Builder& b) {
  const ValueId x = b.or_constant(b.pick_float(1));
  const int rank = b.rank(x);
  const bool is_left = b.chance(20);
  const int axis = is_left && rank >= 2 ? rank - 2 : rank - 1;
  if (!b.is_fixed(x, axis)) throw Rejected{};
  const std::int64_t inner = b.dims(x)[static_cast<std::size_t>(axis)];
  if (b.chance(6)) {
    const ValueId vector = b.weight({inner});
    is_left ? b.node("MatMul", {vector, x}) : b.node("MatMul", {x, vector});
    return;
  }
  Ints sizes = draw_batch(b, x);
  const std::int64_t outer = b.between(1, 5);
  sizes.insert(sizes.end(), {is_left ? outer : inner, is_left ? inner : outer});
  const ValueId weight = b.weight(sizes);
  const ValueId y = is_left ? b.node("MatMul", {weight, x}) : b.node("MatMul", {x, weight});
  if (b.chance(40)) b.node("Add", {y, b.weight(b.broadcast_dims(y))});
}

void draw_matmul_of_activations(Builder& b) {
  const ValueId x = b.pick_float(2);
  if (b.chance(50)) {
    const ValueId y = b.pick([&](ValueId id) {
      return b.is_float(id) && b.rank(id) >= 2 && b.rank(id) <= b.rank(x) &&
             b.dims(id).back() == b.dims(x).back();
    });
    b.node("MatMul", {x, transposed(b, y)});
  } else {
    b.node("MatMul", {b.pick_float(1), b.pick_float(1)});
  }
}

void draw_gemm(Builder& b) {
  const ValueId x =
      b.or_constant(b.pick([&](ValueId id) { return b.is_float(id) && b.rank(id) == 2; }));
  const bool is_second = b.chance(10);
  const bool transposes_x = b.chance(25);
  const bool transposes_w = b.chance(50);
  const int inner_axis = transposes_x != is_second ? 0 : 1;
  if (!b.is_fixed(x, inner_axis)) throw Rejected{};
  const std::int64_t inner = b.dims(x)[static_cast<std::size_t>(inner_axis)];
  const std::int64_t outer = b.between(1, 5);
  const bool inner_first = transposes_w == is_second;
  const ValueId w = b.weight(inner_first ? Ints{inner, outer} : Ints{outer, inner});
  Attributes chosen;
  if (transposes_x) chosen.set(is_second ? "transB" : "transA", std::int64_t{1});
  if (transposes_w) chosen.set(is_second ? "transA" : "transB", std::int64_t{1});
  if (b.chance(25)) chosen.set("alpha", 0.5F);
  if (b.chance(25)) chosen.set("beta", 1.5F);
  std::vector<ValueId> inputs = {x, w};
  if (is_second) std::swap(inputs[0], inputs[1]);
  if (b.opset() >= 11 && b.chance(25)) {
    b.node("Gemm", inputs, chosen);
    return;
  }
  const int rows_axis = 1 - inner_axis;
  const bool has_rows = b.is_fixed(x, rows_axis);
  const std::int64_t rows = has_rows ? b.dims(x)[static_cast<std::size_t>(rows_axis)] : 1;
  const Ints out = is_second ? Ints{outer, rows} : Ints{rows, outer};
  std::vector<Ints> biases = {{}, {1}, {1, 1}, {out[0], 1}, out};
  if (!is_second || has_rows) biases.insert(biases.end(), {{out[1]}, {1, out[1]}});
  if (!has_rows && is_second) biases.pop_back();
  inputs.push_back(b.weight(b.one_of(biases)));
  b.node("Gemm", inputs, chosen);
}

// Each dim of x gets a letter; the weight has some of them and some of its own; the output has any.
void draw_einsum(Builder& b) {
  const ValueId x = b.pick_float(1, 4);
  const bool is_of_two = b.chance(80);
  std::string letters_x = "abcd";
  letters_x.resize(static_cast<std::size_t>(b.rank(x)));
  if (b.chance(25))
    std::ranges::transform(letters_x, letters_x.begin(),
                           [](char c) { return static_cast<char>('z' - (c - 'a')); });
  std::string letters_w;
  Ints sizes;
  for (int axis = 0; is_of_two && axis < b.rank(x); ++axis) {
    if (!b.is_fixed(x, axis) || b.chance(50)) continue;
    letters_w += letters_x[static_cast<std::size_t>(axis)];
    sizes.push_back(b.dims(x)[static_cast<std::size_t>(axis)]);
  }
  for (int fresh = b.between(0, is_of_two ? 2 : 0); fresh > 0; --fresh) {
    letters_w.insert(letters_w.begin(), static_cast<char>('m' + fresh));
    sizes.insert(sizes.begin(), b.between(1, 3));
  }
  std::string output;
  for (const char letter : letters_x + letters_w) {
    if (output.find(letter) != std::string::npos || b.chance(25)) continue;
    output.insert(static_cast<std::size_t>(b.below(static_cast<int>(output.size()) + 1)), 1,
                  letter);
  }
  std::vector<ValueId> inputs = {x};
  std::string equation = letters_x;
  if (is_of_two) {
    inputs.push_back(b.weight(sizes));
    equation += "," + letters_w;
    if (b.chance(25)) {
      std::swap(inputs[0], inputs[1]);
      equation = letters_w + "," + letters_x;
    }
  }
  if (b.chance(85)) equation += "->" + output;
  b.node("Einsum", inputs, attributes({{"equation", equation}}));
}

}  // namespace braid::property
