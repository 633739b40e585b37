#include "backends/cpu/recurrent_kernel.hpp"

#include <algorithm>

#include "kernels/cpu/parallel.hpp"
#include "kernels/cpu/recurrent.hpp"

namespace braid {
namespace {

using Layer = RecurrentLayer;
using Direction = RecurrentDirection;

/// Parts of the workspace, in bytes.
struct Layout {
  std::size_t sums = 0;       // W x
  std::size_t recurrent = 0;  // R h
  std::size_t h = 0;
  std::size_t c = 0;      // the cell; of a GRU, gate z
  std::size_t kept = 0;   // of a GRU
  std::size_t other = 0;  // of the products
  std::size_t total = 0;
};

class Recurrent final : public BoundKernel {
 public:
  Recurrent(const Layer& layer, std::vector<Direction> directions, std::size_t input_count)
      : layer_(layer), directions_(std::move(directions)), input_count_(input_count) {
    const std::int64_t state = layer.batch * layer.hidden;
    layout_.sums = add(layer.steps * layer.batch * layer.columns());
    layout_.recurrent = add(layer.batch * layer.columns());
    layout_.h = add(state);
    layout_.c = add(state);
    layout_.kept = add(state);
    std::size_t other = 0;
    for (const Direction& direction : directions_) {
      for (const auto* kernel : {&direction.input, &direction.recurrent, &direction.candidate})
        other = std::max(other, *kernel ? (*kernel)->workspace_bytes() : 0);
    }
    layout_.other = layout_.total;
    layout_.total += other;
  }

  std::string name() const override {
    return "cpu recurrent, onednn " + directions_[0].recurrent->name();
  }
  bool reads(std::size_t input) const override {
    return input == 0 || (input >= 4 && input < input_count_);
  }
  std::size_t workspace_bytes() const override { return layout_.total; }
  std::unique_ptr<PreparedCall> prepare(Operands operands) const override;

 private:
  class Call;

  std::size_t add(std::int64_t floats) {
    constexpr std::size_t kAlignment = 64;
    const std::size_t offset = layout_.total;
    const std::size_t bytes = static_cast<std::size_t>(floats) * sizeof(float);
    layout_.total += (bytes + kAlignment - 1) / kAlignment * kAlignment;
    return offset;
  }

  Layer layer_;
  std::vector<Direction> directions_;
  std::size_t input_count_;
  Layout layout_;
};

class Recurrent::Call final : public PreparedCall {
 public:
  Call(const Recurrent& kernel, Operands operands)
      : kernel_(kernel),
        layer_(kernel.layer_),
        operands_(std::move(operands)),
        sums_(at(kernel.layout_.sums)),
        recurrent_(at(kernel.layout_.recurrent)),
        h_(at(kernel.layout_.h)),
        c_(at(kernel.layout_.c)),
        kept_(at(kernel.layout_.kept)) {
    const auto* const x = reinterpret_cast<const float*>(operands_.inputs[0]);
    for (const Direction& direction : kernel.directions_) {
      Products& products = products_.emplace_back();
      products.input = prepare(direction.input, x, sums_);
      products.recurrent = prepare(direction.recurrent, h_, recurrent_);
      if (!direction.candidate) continue;
      products.candidate =
          prepare(direction.candidate, kept_, recurrent_ + layer_.batch * 2 * layer_.hidden);
    }
  }

  void run() override {
    for (std::size_t d = 0; d < kernel_.directions_.size(); ++d)
      run_direction(static_cast<std::int64_t>(d));
  }

 private:
  struct Products {
    std::unique_ptr<PreparedCall> input;
    std::unique_ptr<PreparedCall> recurrent;
    std::unique_ptr<PreparedCall> candidate;
  };

  float* at(std::size_t offset) const {
    return reinterpret_cast<float*>(operands_.workspace + offset);
  }

  std::unique_ptr<PreparedCall> prepare(const std::unique_ptr<const BoundKernel>& product,
                                        const float* from, float* to) const {
    Operands operands;
    operands.inputs = {reinterpret_cast<const std::byte*>(from)};
    operands.outputs = {reinterpret_cast<std::byte*>(to)};
    operands.workspace = operands_.workspace + kernel_.layout_.other;
    return product->prepare(std::move(operands));
  }

  const float* input(std::size_t i) const {
    return i < operands_.inputs.size() ? reinterpret_cast<const float*>(operands_.inputs[i])
                                       : nullptr;
  }
  float* output(std::size_t i) const {
    return i < operands_.outputs.size() ? reinterpret_cast<float*>(operands_.outputs[i]) : nullptr;
  }

  // Steps that a sequence has.
  std::int64_t length(std::int64_t b) const {
    const auto* const lengths = operands_.inputs.size() > 4
                                    ? reinterpret_cast<const std::int32_t*>(operands_.inputs[4])
                                    : nullptr;
    if (lengths == nullptr) return layer_.steps;
    return std::clamp<std::int64_t>(lengths[b], 0, layer_.steps);
  }

  void run_direction(std::int64_t d) {
    const Products& products = products_[static_cast<std::size_t>(d)];
    read_state(d, input(5), h_);
    if (layer_.cell == Cell::Lstm) read_state(d, input(6), c_);
    products.input->run();
    for (std::int64_t s = 0; s < layer_.steps; ++s)
      run_step(d, s, products);
    write_state(d, h_, output(1));
    if (layer_.cell == Cell::Lstm) write_state(d, c_, output(2));
  }

  void read_state(std::int64_t d, const float* from, float* to) const {
    for (std::int64_t b = 0; b < layer_.batch; ++b) {
      float* const row = to + b * layer_.hidden;
      if (from == nullptr) {
        std::fill_n(row, layer_.hidden, 0.0F);
      } else {
        std::copy_n(from + layer_.state_at(d, b), layer_.hidden, row);
      }
    }
  }

  void write_state(std::int64_t d, const float* from, float* to) const {
    for (std::int64_t b = 0; to != nullptr && b < layer_.batch; ++b)
      std::copy_n(from + b * layer_.hidden, layer_.hidden, to + layer_.state_at(d, b));
  }

  void run_step(std::int64_t d, std::int64_t s, const Products& products) {
    constexpr std::int64_t kWorkPerUnit = 16;
    const std::int64_t work = layer_.columns() * kWorkPerUnit;
    products.recurrent->run();
    if (products.candidate) {
      for_active(s, d, work, [&](std::int64_t b, std::int64_t t) { open_gates(d, b, t); });
      products.candidate->run();
    }
    for_active(s, d, work, [&](std::int64_t b, std::int64_t t) { move_on(d, b, t); });
    float* const y = output(0);
    for (std::int64_t b = 0; y != nullptr && b < layer_.batch; ++b) {
      const bool is_over = s >= length(b);
      float* const row = y + layer_.output_at(is_over ? s : step_of(s, d, b), d, b);
      if (is_over) {
        std::fill_n(row, layer_.hidden, 0.0F);
      } else {
        std::copy_n(h_ + b * layer_.hidden, layer_.hidden, row);
      }
    }
  }

  std::int64_t step_of(std::int64_t s, std::int64_t d, std::int64_t b) const {
    return layer_.is_reverse || d == 1 ? length(b) - 1 - s : s;
  }

  // Calls body(sequence, step) for the sequences that have not come to their end.
  template <class Body>
  void for_active(std::int64_t s, std::int64_t d, std::int64_t work, const Body& body) const {
    cpu::parallel_ranges(layer_.batch, work, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t b = first; b < last; ++b) {
        if (s < length(b)) body(b, step_of(s, d, b));
      }
    });
  }

  cpu::GateSums sums(const Direction& direction, std::int64_t b, std::int64_t t) const {
    return {sums_ + layer_.row(t, b) * layer_.columns(), recurrent_ + b * layer_.columns(),
            direction.bias.data(), layer_.clip, layer_.hidden};
  }

  // Of a GRU that resets before the product: its gates z and r lie before the candidate.
  void open_gates(std::int64_t d, std::int64_t b, std::int64_t t) const {
    cpu::GateSums gates = sums(kernel_.directions_[static_cast<std::size_t>(d)], b, t);
    const std::int64_t state = b * layer_.hidden;
    gates.recurrent = recurrent_ + 2 * state;
    cpu::gru_gates(gates, h_ + state, c_ + state, kept_ + state);
  }

  void move_on(std::int64_t d, std::int64_t b, std::int64_t t) const {
    const Direction& direction = kernel_.directions_[static_cast<std::size_t>(d)];
    cpu::GateSums gates = sums(direction, b, t);
    const std::int64_t state = b * layer_.hidden;
    if (layer_.cell == Cell::Lstm) {
      const auto cell = layer_.is_coupled ? cpu::coupled_lstm_cell : cpu::lstm_cell;
      cell(gates, c_ + state, h_ + state);
    } else if (layer_.cell == Cell::Rnn) {
      cpu::rnn_cell(gates, h_ + state);
    } else if (layer_.resets_after) {
      cpu::gru_cell(gates, direction.candidate_bias.data(), h_ + state);
    } else {
      gates.input += 2 * layer_.hidden;
      gates.bias += 2 * layer_.hidden;
      gates.recurrent = recurrent_ + layer_.batch * 2 * layer_.hidden + state;
      cpu::gru_candidate(gates, c_ + state, h_ + state);
    }
  }

  const Recurrent& kernel_;
  const Layer& layer_;
  Operands operands_;
  float* sums_;
  float* recurrent_;
  float* h_;
  float* c_;  // of a GRU: gate z
  float* kept_;
  std::vector<Products> products_;
};

std::unique_ptr<PreparedCall> Recurrent::prepare(Operands operands) const {
  return std::make_unique<Call>(*this, std::move(operands));
}

}  // namespace

std::unique_ptr<const BoundKernel> make_recurrent(const RecurrentLayer& layer,
                                                  std::vector<RecurrentDirection> directions,
                                                  std::size_t input_count) {
  return std::make_unique<Recurrent>(layer, std::move(directions), input_count);
}

}  // namespace braid
