#include "kernels/cuda/recurrent_sequence.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/cuda/launch.hpp"
#include "support.hpp"

namespace braid::cuda {
namespace {

struct Case {
  const char* name;
  CellKind cell;
  int size, batch, steps;
  int directions = 1;
  bool is_reverse = false;
  bool has_lengths = false;
  bool has_extras = false;  // resets_after, is_coupled, clip, peephole, first state
  Element element = Element::Float;
};

constexpr int kMembers = 2;

double sigmoid_of(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}

int gates_of(CellKind cell) {
  return cell == CellKind::Rnn ? 1 : cell == CellKind::Lstm ? 4 : 3;
}

/// Strides of a contiguous [members, directions, steps, batch, row].
SequenceStrides strides_of(const Case& c, int steps, int row) {
  const std::int64_t step = std::int64_t{c.batch} * row;
  return {c.directions * steps * step, steps * step, steps == 1 ? 0 : step, row};
}

std::size_t count_of(const Case& c, int steps, int row) {
  return static_cast<std::size_t>(kMembers) * c.directions * steps * c.batch * row;
}

/// The operands of a layer, and what it must come to in double precision.
class Layer {
 public:
  explicit Layer(const Case& c)
      : c_(c),
        gates_count_(gates_of(c.cell)),
        gates_(Values::random(c.element, count_of(c, c.steps, gates_count_ * c.size), 1)),
        r_(Values::random(c.element, weights(c.size * gates_count_), 2)),
        reset_bias_(Values::random(c.element, weights(1), 3)),
        peephole_(Values::random(c.element, weights(3), 4)),
        hidden_(Values::random(c.element, count_of(c, 1, c.size), 5)),
        cell_(Values::random(c.element, count_of(c, 1, c.size), 6)),
        y_(c.element, count_of(c, c.steps, c.size)),
        last_hidden_(c.element, hidden_.size()),
        last_cell_(c.element, hidden_.size()) {
    for (int i = 0; i < kMembers * c.batch; ++i)
      lengths_.push_back(c.has_lengths ? i * 3 % (c.steps + 1) : c.steps);
  }

  RecurrentSequenceArgs args() {
    RecurrentSequenceArgs args;
    args.cell = c_.cell;
    args.members = kMembers;
    args.directions = c_.directions;
    args.batch = c_.batch;
    args.steps = c_.steps;
    args.size = c_.size;
    args.is_reverse = c_.is_reverse;
    args.gates = {gates_.data(), strides_of(c_, c_.steps, gates_count_ * c_.size)};
    args.r = {r_.data(), weight_strides(c_.size * gates_count_)};
    args.y = {y_.data(), strides_of(c_, c_.steps, c_.size)};
    args.last_hidden = {last_hidden_.data(), strides_of(c_, 1, c_.size)};
    if (c_.cell == CellKind::Lstm) args.last_cell = {last_cell_.data(), strides_of(c_, 1, c_.size)};
    if (c_.has_lengths) args.lengths = lengths_.data();
    args.lengths_member = c_.batch;
    for (CellActivation(&of_direction)[3] : args.activations) {
      of_direction[0].function = Activation::Sigmoid;
      of_direction[1].function = of_direction[2].function = Activation::Tanh;
      if (c_.cell == CellKind::Rnn) of_direction[0].function = Activation::Tanh;
    }
    if (c_.has_extras) add_extras(args);
    return args;
  }

  void poison() {
    for (Values* values : {&y_, &last_hidden_, &last_cell_})
      values->poison();
  }

  void check() {
    std::vector<double> y(y_.size());
    std::vector<double> hidden(hidden_.size());
    std::vector<double> cell(hidden_.size());
    for (int row = 0; row < kMembers * c_.directions * c_.batch; ++row)
      run_row(row, y, hidden, cell);
    const double tolerance = c_.steps * (c_.size * 0x1p-22 + 0x1p-20) + rounding_of(c_.element);
    expect_close(y_, y, tolerance);
    expect_close(last_hidden_, hidden, tolerance);
    if (c_.cell == CellKind::Lstm) expect_close(last_cell_, cell, tolerance);
  }

 private:
  static constexpr float kClip = 0.75F;

  std::size_t weights(int row) const {
    return static_cast<std::size_t>(kMembers * c_.directions * row * c_.size);
  }
  SequenceStrides weight_strides(int row) const {
    return {std::int64_t{c_.directions} * row * c_.size, std::int64_t{row} * c_.size, 0, 0};
  }

  void add_extras(RecurrentSequenceArgs& args) {
    args.resets_after = true;
    args.is_coupled = true;
    args.clip = kClip;
    args.reset_bias = {reset_bias_.data(), weight_strides(1)};
    args.peephole = {peephole_.data(), weight_strides(3)};
    args.first_hidden = {hidden_.data(), strides_of(c_, 1, c_.size)};
    args.first_cell = {cell_.data(), strides_of(c_, 1, c_.size)};
  }

  double clipped(double x) const { return c_.has_extras ? std::clamp(x, -0.75, 0.75) : x; }

  void run_row(int row, std::vector<double>& y, std::vector<double>& hidden,
               std::vector<double>& cell) {
    const auto size = static_cast<std::size_t>(c_.size);
    const int direction = row / c_.batch % c_.directions;
    const int member = row / c_.batch / c_.directions;
    const int batch = row % c_.batch;
    std::vector<double> h(size);
    std::vector<double> c(size);
    const std::size_t state = static_cast<std::size_t>(row) * size;
    for (std::size_t i = 0; i < size && c_.has_extras; ++i) {
      h[i] = hidden_[state + i];
      c[i] = cell_[state + i];
    }
    const int length = lengths_[static_cast<std::size_t>(member * c_.batch + batch)];
    const int group = member * c_.directions + direction;
    for (int step = 0; step < length; ++step) {
      const int time = c_.is_reverse || direction == 1 ? length - 1 - step : step;
      const int at = (group * c_.steps + time) * c_.batch + batch;
      advance(group, static_cast<std::size_t>(at), h, c);
      std::copy(h.begin(), h.end(), y.begin() + at * c_.size);
    }
    std::copy(h.begin(), h.end(), hidden.begin() + static_cast<std::ptrdiff_t>(state));
    std::copy(c.begin(), c.end(), cell.begin() + static_cast<std::ptrdiff_t>(state));
  }

  double recurrent(int group, const std::vector<double>& h, std::size_t gate,
                   std::size_t unit) const {
    const auto size = static_cast<std::size_t>(c_.size);
    const auto gates = static_cast<std::size_t>(gates_count_);
    double sum = 0.0;
    for (std::size_t k = 0; k < size; ++k)
      sum += h[k] * r_[((static_cast<std::size_t>(group) * size + k) * gates + gate) * size + unit];
    return sum;
  }

  void advance(int group, std::size_t at, std::vector<double>& h, std::vector<double>& c) const {
    const std::vector<double> old = h;
    const auto size = static_cast<std::size_t>(c_.size);
    const auto gates = static_cast<std::size_t>(gates_count_);
    const auto input = [&](std::size_t gate, std::size_t unit) {
      return gates_[(at * gates + gate) * size + unit];
    };
    const auto sum = [&](std::size_t gate, std::size_t unit) {
      return input(gate, unit) + recurrent(group, old, gate, unit);
    };
    std::vector<double> kept(size);
    for (std::size_t u = 0; u < size && c_.cell == CellKind::Gru; ++u)
      kept[u] = sigmoid_of(clipped(sum(1, u))) * old[u];
    for (std::size_t u = 0; u < size; ++u) {
      if (c_.cell == CellKind::Rnn) {
        h[u] = std::tanh(clipped(sum(0, u)));
      } else if (c_.cell == CellKind::Gru) {
        const double update = sigmoid_of(clipped(sum(0, u)));
        const double bias = reset_bias_[static_cast<std::size_t>(group) * size + u];
        const double candidate =
            c_.has_extras ? sigmoid_of(clipped(sum(1, u))) * (recurrent(group, old, 2, u) + bias)
                          : recurrent(group, kept, 2, u);
        h[u] = (1 - update) * std::tanh(clipped(input(2, u) + candidate)) + update * old[u];
      } else {
        const auto peep = [&](std::size_t gate) {
          return c_.has_extras ? peephole_[(static_cast<std::size_t>(group) * 3 + gate) * size + u]
                               : 0.0;
        };
        const double in = sigmoid_of(clipped(sum(0, u) + peep(0) * c[u]));
        const double forget =
            c_.has_extras ? 1 - in : sigmoid_of(clipped(sum(2, u) + peep(2) * c[u]));
        c[u] = forget * c[u] + in * std::tanh(clipped(sum(3, u)));
        h[u] = sigmoid_of(clipped(sum(1, u) + peep(1) * c[u])) * std::tanh(c[u]);
      }
    }
  }

  Case c_;
  int gates_count_;
  Values gates_, r_, reset_bias_, peephole_, hidden_, cell_, y_, last_hidden_, last_cell_;
  std::vector<int> lengths_;
};

class RecurrentSequenceTest : public testing::TestWithParam<Case> {};

TEST_P(RecurrentSequenceTest, AgreesWithDoublePrecision) {
  Layer layer(GetParam());
  const RecurrentSequenceArgs args = layer.args();
  for (const emulator::Schedule schedule : kSchedules) {
    layer.poison();
    emulator::launch(launch_recurrent_sequence(args, GetParam().element), &args, schedule);
    layer.check();
  }
}

constexpr CellKind kRnn = CellKind::Rnn;
constexpr CellKind kLstm = CellKind::Lstm;
constexpr CellKind kGru = CellKind::Gru;

INSTANTIATE_TEST_SUITE_P(
    Layers, RecurrentSequenceTest,
    testing::Values(Case{"one", kRnn, 1, 1, 1}, Case{"rnn", kRnn, 33, 5, 4},
                    Case{"rnn_both_ways", kRnn, 8, 3, 5, 2, false, true},
                    Case{"lstm", kLstm, 33, 3, 3}, Case{"lstm_large", kLstm, 260, 1, 2},
                    Case{"lstm_backwards", kLstm, 5, 6, 5, 1, true, true},
                    Case{"lstm_extras", kLstm, 12, 5, 4, 2, false, true, true},
                    Case{"gru", kGru, 40, 5, 3},
                    Case{"gru_both_ways", kGru, 9, 4, 4, 2, false, true},
                    Case{"gru_extras", kGru, 33, 2, 4, 1, true, true, true},
                    Case{"lstm_half", kLstm, 16, 4, 3, 1, false, false, false, Element::Half},
                    Case{"gru_bfloat", kGru, 16, 4, 3, 1, false, false, false, Element::BFloat16}),
    name_of<Case>);

TEST(RecurrentSequence, SaysWhatDoesNotFit) {
  RecurrentSequenceArgs args;
  args.size = kLargestSequenceState;
  EXPECT_LE(launch_recurrent_sequence(args, Element::Float).shared_bytes, 48U * 1024);
  args.size += 1;
  EXPECT_THROW(launch_recurrent_sequence(args, Element::Float), std::invalid_argument);
}

}  // namespace
}  // namespace braid::cuda
