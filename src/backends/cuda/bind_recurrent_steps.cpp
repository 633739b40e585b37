// LSTM, GRU and RNN, for each step a product with R, whose epilogue adds what belongs to the step,
// and the elementwise rest. States lie where the output has them. Does not apply to other
// activations than the usual, lengths, peepholes, clips, input_forget, batches in front, nor to a
// GRU that resets before its product.

#include "backends/cuda/bind_arguments.hpp"
#include "backends/cuda/recurrent_layer.hpp"
#include "kernels/cuda/recurrent.hpp"

namespace braid::cuda {
namespace {

using Layer = RecurrentLayer;

std::int64_t state_bytes(const Layer& l) {
  return l.batch * l.hidden * l.width();
}

std::int64_t gate_bytes(const Layer& l) {
  return l.batch * l.columns() * l.width();
}

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
    gates = take(l.steps * gate_bytes(l));
    step = take(gate_bytes(l));
    hidden = take(l.steps * state_bytes(l));
    cell = take(state_bytes(l));
    zeros = take(state_bytes(l));
  }
};

// ---- launches ----

/// Adds the launches of a layer for some addresses.
class Launches {
 public:
  Launches(const Layer& layer, const Workspace& places, const TileChoice& choice,
           const BoundKernel::Operands& at, LaunchList& list)
      : l_(layer), places_(places), choice_(choice), at_(at), list_(list) {}

  void add(std::int64_t direction, const RecurrentWeights& weights) {
    const Direction from = operands_of(direction, weights);
    add_zeros();
    add_input_product(from.w, from.bias);
    const std::byte* hidden = initial(kFirstHidden, direction);
    const std::byte* cell = initial(kFirstCell, direction);
    for (std::int64_t i = 0; i < l_.steps; ++i) {
      const std::int64_t t = (l_.is_reverse || direction == 1) ? l_.steps - 1 - i : i;
      std::byte* const next = hidden_at(t, direction);
      add_step(t, from, hidden, cell, next);
      hidden = next;
      cell = at_.workspace + places_.cell;
    }
    add_final(hidden, 1, direction);
    if (l_.cell == CellKind::Lstm) add_final(cell, 2, direction);
  }

 private:
  // What one direction reads.
  struct Direction {
    const std::byte* w = nullptr;
    const std::byte* r = nullptr;
    const std::byte* bias = nullptr;  // of the product with W
    const std::byte* recurrent_bias = nullptr;
  };

  Direction operands_of(std::int64_t direction, const RecurrentWeights& weights) const {
    const std::int64_t row = l_.columns() * l_.width();
    Direction from{weights.w.get() + direction * row * l_.inputs,
                   weights.r.get() + direction * row * l_.hidden};
    if (kRecurrentBias < at_.inputs.size() && at_.inputs[kRecurrentBias] != nullptr) {
      from.bias = at_.inputs[kRecurrentBias] + direction * 2 * row;
      from.recurrent_bias = from.bias + row;
    }
    return from;
  }

  std::byte* output(std::size_t i) const {
    return i < at_.outputs.size() ? at_.outputs[i] : nullptr;
  }

  const std::byte* initial(std::size_t input, std::int64_t direction) const {
    const std::byte* const state = input < at_.inputs.size() ? at_.inputs[input] : nullptr;
    return state == nullptr ? at_.workspace + places_.zeros : state + direction * state_bytes(l_);
  }

  std::byte* hidden_at(std::int64_t t, std::int64_t direction) const {
    std::byte* const y = output(0);
    return y == nullptr ? at_.workspace + places_.hidden + t * state_bytes(l_)
                        : y + (t * l_.directions + direction) * state_bytes(l_);
  }

  std::byte* gates_at(std::int64_t t) const {
    return at_.workspace + places_.gates + t * gate_bytes(l_);
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
    std::byte* const sums = l_.cell == CellKind::Rnn ? next : at_.workspace + places_.step;
    GemmMembersArgs args = product(hidden, l_.batch, l_.hidden, from.r, sums);
    args.epilogue.bias = {from.recurrent_bias, {0, 0, 0, 1}};
    if (l_.cell != CellKind::Gru) args.epilogue.residual = {gates_at(t), args.y_strides};
    if (l_.cell == CellKind::Rnn) args.epilogue.activation = Activation::Tanh;
    add(args);
    if (l_.cell == CellKind::Lstm) add_lstm_cell(cell, next);
    if (l_.cell == CellKind::Gru) add_gru_cell(t, hidden, next);
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
    add_copy(list_, state, output(i) + direction * state_bytes(l_), {{l_.batch * l_.hidden, 1, 1}},
             l_.width());
  }

  const Layer& l_;
  const Workspace& places_;
  const TileChoice& choice_;
  const BoundKernel::Operands& at_;
  LaunchList& list_;
};

bool is_usual(const Operator& op, const Layer& l) {
  const bool resets_before = l.cell == CellKind::Gru && !l.resets_after;
  return l.has_usual_activations && !op.has_input(kLengths) && !op.has_input(kPeephole) &&
         l.clip == 0.0F && !l.is_coupled && !l.is_batch_first && !resets_before;
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_recurrent_steps(const Operator& op,
                                                        const RecurrentLayer& layer,
                                                        const RecurrentWeights& weights,
                                                        const Target& target) {
  if (!is_usual(op, layer)) return nullptr;
  const Workspace places(layer);
  LaunchPlan plan;
  plan.unread = {kW, kR};
  plan.workspace_bytes = places.bytes;
  plan.add_launches = [=, choice = target.choice()](const BoundKernel::Operands& at,
                                                    LaunchList& list) {
    Launches launches(layer, places, choice, at, list);
    for (std::int64_t d = 0; d < layer.directions; ++d)
      launches.add(d, weights);
  };
  return make_launch_kernel(std::move(plan), op.inputs.size(), op.outputs.size());
}

}  // namespace braid::cuda
