// LSTM, GRU and RNN with constant weights and the usual activations: one product with W for all
// steps, then for each step a product with R, whose epilogue adds what belongs to the step, and the
// elementwise rest. States lie where the output has them. Does not apply to lengths, clips,
// input_forget, batches in front, nor to a GRU that resets before its product.

#include <algorithm>
#include <cctype>

#include "backends/cuda/bind.hpp"
#include "backends/cuda/bind_arguments.hpp"
#include "backends/operands.hpp"
#include "kernels/cuda/recurrent.hpp"
#include "support/operand.hpp"

namespace braid::cuda {
namespace {

using Dims = std::vector<std::int64_t>;

enum class Cell : std::uint8_t { Lstm, Gru, Rnn };

struct Layer {
  Cell cell = Cell::Rnn;
  Element element = Element::Float;
  std::int64_t gates = 1;
  std::int64_t steps = 0;
  std::int64_t batch = 0;
  std::int64_t inputs = 0;
  std::int64_t hidden = 0;
  std::int64_t directions = 1;
  bool is_reverse = false;  // the only direction

  std::int64_t columns() const { return gates * hidden; }
  std::int64_t width() const { return element_bytes(element); }
  std::int64_t state_bytes() const { return batch * hidden * width(); }
  std::int64_t gate_bytes() const { return batch * columns() * width(); }
  bool runs_back(std::int64_t direction) const { return is_reverse || direction == 1; }
};

bool is_same_name(const std::string& a, const std::string& b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

bool has_usual_activations(const Operator& op, Cell cell) {
  const Attribute* given = op.attributes.find("activations");
  if (given == nullptr) return true;
  const auto* names = std::get_if<std::vector<std::string>>(&given->value);
  if (names == nullptr) return false;
  const std::vector<std::string> usual =
      cell == Cell::Lstm  ? std::vector<std::string>{"Sigmoid", "Tanh", "Tanh"}
      : cell == Cell::Gru ? std::vector<std::string>{"Sigmoid", "Tanh"}
                          : std::vector<std::string>{"Tanh"};
  for (std::size_t i = 0; i < names->size(); ++i) {
    if (!is_same_name((*names)[i], usual[i % usual.size()])) return false;
  }
  return true;
}

bool has_usual_attributes(const Operator& op, Cell cell) {
  const Attributes& attributes = op.attributes;
  const bool resets_before = cell == Cell::Gru && attributes.get_int("linear_before_reset", 0) == 0;
  return attributes.get_int("layout", 0) == 0 && attributes.get_int("input_forget", 0) == 0 &&
         attributes.get_float("clip", 0.0F) <= 0.0F && !resets_before &&
         has_usual_activations(op, cell);
}

// Weights and bias are constants, and all operands have the dims that they must have.
bool has_usual_operands(const Operator& op, const Layer& l) {
  const auto fits = [&](std::size_t input, const Dims& dims, bool is_constant) {
    if (!op.has_input(input)) return input > 2;
    const braid::Operand& operand = op.inputs[input];
    return operand.dims == dims && (!is_constant || operand.constant != nullptr);
  };
  const Dims state = {l.directions, l.batch, l.hidden};
  return fits(1, {l.directions, l.columns(), l.inputs}, true) &&
         fits(2, {l.directions, l.columns(), l.hidden}, true) &&
         fits(3, {l.directions, 2 * l.columns()}, true) && !op.has_input(4) &&
         fits(5, state, false) && fits(6, state, false) && !op.has_input(7);
}

std::optional<Layer> layer_of(const Operator& op) {
  const auto element = common_element(op);
  const Dims& x = op.inputs[0].dims;
  if (!element || op.inputs.size() < 3 || x.size() != 3 || op.inputs[2].dims.size() != 3)
    return std::nullopt;
  Layer layer;
  layer.element = *element;
  layer.cell = op.name == "LSTM" ? Cell::Lstm : op.name == "GRU" ? Cell::Gru : Cell::Rnn;
  layer.gates = layer.cell == Cell::Lstm ? 4 : layer.cell == Cell::Gru ? 3 : 1;
  layer.steps = x[0];
  layer.batch = x[1];
  layer.inputs = x[2];
  layer.hidden = op.inputs[2].dims[2];
  const std::string direction = op.attributes.get_string("direction", "forward");
  layer.directions = direction == "bidirectional" ? 2 : 1;
  layer.is_reverse = direction == "reverse";
  const bool is_usual = has_usual_attributes(op, layer.cell) && has_usual_operands(op, layer);
  return is_usual ? std::optional(layer) : std::nullopt;
}

// ---- memory ----

// What a call needs besides its operands, in bytes; one direction after the other uses it.
struct Workspace {
  std::size_t gates = 0;   // of all steps: W x
  std::size_t step = 0;    // of one step: R h
  std::size_t hidden = 0;  // of all steps, if Y is not asked for
  std::size_t cell = 0;    // of an LSTM
  std::size_t zeros = 0;   // a state
  std::size_t bytes = 0;

  explicit Workspace(const Layer& l) {
    constexpr std::size_t kAlignment = 256;
    const auto take = [this](std::int64_t size) {
      const std::size_t at = bytes;
      bytes += (static_cast<std::size_t>(size) + kAlignment - 1) / kAlignment * kAlignment;
      return at;
    };
    gates = take(l.steps * l.gate_bytes());
    step = take(l.gate_bytes());
    hidden = take(l.steps * l.state_bytes());
    cell = take(l.state_bytes());
    zeros = take(l.state_bytes());
  }
};

// W and R of all directions, [inputs, columns] each, on the device.
struct Weights {
  PackedWeights::Bytes w;
  PackedWeights::Bytes r;
};

// [directions, columns, depth] => [directions, depth, columns]
PackedWeights::Bytes transposed(const Tensor& weight, const Target& target) {
  return target.pack(weight, "transposed", weight.bytes(), [&](std::byte* to) {
    const Tensor plain = as_operand(weight);
    const std::vector<std::int64_t>& dims = plain.dims();
    const std::int64_t matrix = dims[1] * dims[2];
    copy_on_host({{{dims[0], matrix, matrix}, {dims[2], 1, dims[1]}, {dims[1], dims[2], 1}}},
                 dtype_bytes(plain.dtype(), 1), plain.raw().data(), to);
  });
}

// ---- launches ----

/// Adds the launches of a layer for some addresses.
class Launches {
 public:
  Launches(const Layer& layer, const Workspace& places, const TileChoice& choice,
           const BoundKernel::Operands& at, LaunchList& list)
      : l_(layer), places_(places), choice_(choice), at_(at), list_(list) {}

  void add(std::int64_t direction, const Weights& weights) {
    const Direction from = operands_of(direction, weights);
    add_zeros();
    add_input_product(from.w, from.bias);
    const std::byte* hidden = initial(5, direction);
    const std::byte* cell = initial(6, direction);
    for (std::int64_t i = 0; i < l_.steps; ++i) {
      const std::int64_t t = l_.runs_back(direction) ? l_.steps - 1 - i : i;
      std::byte* const next = hidden_at(t, direction);
      add_step(t, from, hidden, cell, next);
      hidden = next;
      cell = at_.workspace + places_.cell;
    }
    add_final(hidden, 1, direction);
    if (l_.cell == Cell::Lstm) add_final(cell, 2, direction);
  }

 private:
  // What one direction reads.
  struct Direction {
    const std::byte* w = nullptr;
    const std::byte* r = nullptr;
    const std::byte* bias = nullptr;  // of the product with W
    const std::byte* recurrent_bias = nullptr;
  };

  Direction operands_of(std::int64_t direction, const Weights& weights) const {
    const std::int64_t row = l_.columns() * l_.width();
    Direction from{weights.w.get() + direction * row * l_.inputs,
                   weights.r.get() + direction * row * l_.hidden};
    constexpr std::size_t kBias = 3;
    if (kBias < at_.inputs.size() && at_.inputs[kBias] != nullptr) {
      from.bias = at_.inputs[kBias] + direction * 2 * row;
      from.recurrent_bias = from.bias + row;
    }
    return from;
  }

  std::byte* output(std::size_t i) const {
    return i < at_.outputs.size() ? at_.outputs[i] : nullptr;
  }

  const std::byte* initial(std::size_t input, std::int64_t direction) const {
    const std::byte* const state = input < at_.inputs.size() ? at_.inputs[input] : nullptr;
    return state == nullptr ? at_.workspace + places_.zeros : state + direction * l_.state_bytes();
  }

  std::byte* hidden_at(std::int64_t t, std::int64_t direction) const {
    std::byte* const y = output(0);
    return y == nullptr ? at_.workspace + places_.hidden + t * l_.state_bytes()
                        : y + (t * l_.directions + direction) * l_.state_bytes();
  }

  std::byte* gates_at(std::int64_t t) const {
    return at_.workspace + places_.gates + t * l_.gate_bytes();
  }

  void add_zeros() {
    PadArgs args;
    args.to = at_.workspace + places_.zeros;
    args.count = to_int(l_.batch * l_.hidden);
    args.axes = 1;
    args.width = static_cast<int>(l_.width());
    args.sizes[0] = fast_divisor(args.count);
    list_.add(launch_pad(args), args);
  }

  // rows x [depth] times a weight [columns, depth], transposed.
  GemmMembersArgs product(const std::byte* x, std::int64_t rows, std::int64_t depth,
                          const std::byte* weight, std::byte* y) const {
    GemmMembersArgs args;
    args.rows = to_int(rows);
    args.columns = to_int(l_.columns());
    args.depth = to_int(depth);
    args.a = {x, {0, 0, depth, 1}};
    args.b = {weight, {0, 0, l_.columns(), 1}};
    args.y = y;
    args.y_strides = {0, 0, l_.columns(), 1};
    return args;
  }

  void add(const GemmMembersArgs& args) {
    list_.add(launch_gemm_members(args, l_.element, choice_.tile_for(args, l_.element)), args);
  }

  void add_input_product(const std::byte* w, const std::byte* bias) {
    GemmMembersArgs args = product(at_.inputs[0], l_.steps * l_.batch, l_.inputs, w, gates_at(0));
    args.epilogue.bias = {bias, {0, 0, 0, 1}};
    add(args);
  }

  void add_step(std::int64_t t, const Direction& from, const std::byte* hidden,
                const std::byte* cell, std::byte* next) {
    std::byte* const sums = l_.cell == Cell::Rnn ? next : at_.workspace + places_.step;
    GemmMembersArgs args = product(hidden, l_.batch, l_.hidden, from.r, sums);
    args.epilogue.bias = {from.recurrent_bias, {0, 0, 0, 1}};
    if (l_.cell != Cell::Gru) args.epilogue.residual = {gates_at(t), args.y_strides};
    if (l_.cell == Cell::Rnn) args.epilogue.activation = Activation::Tanh;
    add(args);
    if (l_.cell == Cell::Lstm) add_lstm_cell(cell, next);
    if (l_.cell == Cell::Gru) add_gru_cell(t, hidden, next);
  }

  void add_lstm_cell(const std::byte* cell, std::byte* next) {
    LstmCellArgs args;
    args.gates = at_.workspace + places_.step;
    args.cell = cell;
    args.next_cell = at_.workspace + places_.cell;
    args.next_hidden = next;
    args.rows = args.rows_per_member = to_int(l_.batch);
    args.size = to_int(l_.hidden);
    list_.add(launch_lstm_cell(args, l_.element), args);
  }

  void add_gru_cell(std::int64_t t, const std::byte* hidden, std::byte* next) {
    GruCellArgs args;
    args.x_gates = gates_at(t);
    args.h_gates = at_.workspace + places_.step;
    args.hidden = hidden;
    args.next_hidden = next;
    args.rows = to_int(l_.batch);
    args.size = to_int(l_.hidden);
    list_.add(launch_gru_cell(args, l_.element), args);
  }

  void add_final(const std::byte* state, std::size_t i, std::int64_t direction) {
    if (output(i) == nullptr) return;
    add_copy(list_, state, output(i) + direction * l_.state_bytes(), {{l_.batch * l_.hidden, 1, 1}},
             l_.width());
  }

  const Layer& l_;
  const Workspace& places_;
  const TileChoice& choice_;
  const BoundKernel::Operands& at_;
  LaunchList& list_;
};

}  // namespace

std::unique_ptr<const BoundKernel> bind_recurrent(const Operator& op, const Target& target) {
  const auto layer = layer_of(op);
  if (!layer) return nullptr;
  const Workspace places(*layer);
  const Weights weights{transposed(*op.inputs[1].constant, target),
                        transposed(*op.inputs[2].constant, target)};
  LaunchPlan plan;
  plan.unread = {1, 2};
  plan.workspace_bytes = places.bytes;
  plan.add_launches = [=, layer = *layer, choice = target.choice()](const BoundKernel::Operands& at,
                                                                    LaunchList& list) {
    Launches launches(layer, places, choice, at, list);
    for (std::int64_t d = 0; d < layer.directions; ++d)
      launches.add(d, weights);
  };
  return make_launch_kernel(std::move(plan), op.inputs.size(), op.outputs.size());
}

}  // namespace braid::cuda
