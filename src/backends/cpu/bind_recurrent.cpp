// LSTM, GRU and RNN over floats with constant weights and the usual activations.
//
// The product of the inputs with W is one matrix product for all steps; that of the state with R is
// one per step, with R packed. What is left are sums and activations of single units.

#include <algorithm>
#include <cctype>
#include <cstring>
#include <limits>

#include "backends/cpu/bind.hpp"
#include "backends/cpu/onednn.hpp"
#include "backends/cpu/operands.hpp"
#include "kernels/cpu/parallel.hpp"
#include "kernels/cpu/recurrent.hpp"

namespace braid {
namespace {

enum class Cell { Lstm, Gru, Rnn };

/// Sizes and options of a layer.
struct Layer {
  Cell cell = Cell::Rnn;
  std::int64_t gates = 1;
  std::int64_t steps = 0;
  std::int64_t batch = 0;
  std::int64_t inputs = 0;
  std::int64_t hidden = 0;
  std::int64_t directions = 1;
  bool is_batch_first = false;
  bool is_reverse = false;    // the only direction
  bool is_coupled = false;    // LSTM: input and forget gate
  bool resets_after = false;  // GRU: linear_before_reset
  float clip = std::numeric_limits<float>::infinity();

  bool resets_before() const { return cell == Cell::Gru && !resets_after; }
  std::int64_t columns() const { return gates * hidden; }

  // All in floats.
  std::int64_t row(std::int64_t t, std::int64_t b) const {
    return is_batch_first ? b * steps + t : t * batch + b;
  }
  std::int64_t state_at(std::int64_t d, std::int64_t b) const {
    return (is_batch_first ? b * directions + d : d * batch + b) * hidden;
  }
  std::int64_t output_at(std::int64_t t, std::int64_t d, std::int64_t b) const {
    return (is_batch_first ? row(t, b) * directions + d : (t * directions + d) * batch + b) *
           hidden;
  }
};

/// rows x [inputs] times a part of a weight [columns, inputs], transposed.
std::unique_ptr<const BoundKernel> make_product(std::int64_t rows, std::int64_t inputs,
                                                std::int64_t columns, const Tensor& weight,
                                                std::int64_t offset, PackedWeights& weights) {
  constexpr DType kFloat = DType::Float32;
  const onednn::Schedule schedule = onednn::schedule_for(
      2.0 * static_cast<double>(rows) * static_cast<double>(inputs) * static_cast<double>(columns));
  const ThreadLimit limit = onednn::limit_for(schedule);
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const dnnl::matmul::primitive_desc description(
      dnnl::matmul::desc(onednn::plain(kFloat, {rows, inputs}),
                         onednn::any(kFloat, {inputs, columns}),
                         onednn::plain(kFloat, {rows, columns})),
      attributes, onednn::engine());
  const dnnl::memory::desc from(dnnl::memory::dims{inputs, columns}, dnnl::memory::data_type::f32,
                                dnnl::memory::dims{1, inputs});
  auto packed = onednn::pack(weight, static_cast<std::size_t>(offset) * sizeof(float), from,
                             description.weights_desc(), weights);
  auto kernel = std::make_unique<onednn::Kernel>(description.impl_info_str(), 1, schedule);
  using Source = onednn::Argument::Source;
  const dnnl::memory::desc scratch = description.scratchpad_desc();
  kernel->add(
      dnnl::matmul(description),
      {{DNNL_ARG_SRC, description.src_desc(), Source::Input, 0, 0, nullptr},
       {DNNL_ARG_WEIGHTS, description.weights_desc(), Source::Packed, 0, 0, std::move(packed)},
       {DNNL_ARG_DST, description.dst_desc(), Source::Output, 0, 0, nullptr},
       {DNNL_ARG_SCRATCHPAD, scratch, Source::Workspace, 0,
        kernel->add_workspace(scratch.get_size()), nullptr}});
  return kernel;
}

/// What one direction reads.
struct Direction {
  std::unique_ptr<const BoundKernel> input;      // W x, for all steps
  std::unique_ptr<const BoundKernel> recurrent;  // R h
  std::unique_ptr<const BoundKernel> candidate;  // R (r h) of a GRU that resets before
  std::vector<float> bias;                       // by gate
  std::vector<float> candidate_bias;             // of R h, of a GRU that resets after
};

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

bool is_same_name(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
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

bool has_floats(const Operator& op, std::size_t input, const std::vector<std::int64_t>& dims) {
  return !op.has_input(input) ||
         (op.inputs[input].dtype == DType::Float32 && op.inputs[input].dims == dims);
}

// Weights and bias are constants, and all operands have the dims that they must have.
bool has_usual_operands(const Operator& op, const Layer& l) {
  constexpr std::size_t kBias = 3;
  constexpr std::size_t kLengths = 4;
  constexpr std::size_t kPeepholes = 7;
  for (std::size_t i = 0; i <= kBias; ++i) {
    if (i > 0 && op.has_input(i) && op.inputs[i].constant == nullptr) return false;
  }
  const bool has_lengths = op.has_input(kLengths);
  if (has_lengths && (op.inputs[kLengths].dtype != DType::Int32 ||
                      op.inputs[kLengths].dims != std::vector{l.batch})) {
    return false;
  }
  const std::vector<std::int64_t> state = l.is_batch_first
                                              ? std::vector{l.batch, l.directions, l.hidden}
                                              : std::vector{l.directions, l.batch, l.hidden};
  return !op.has_input(kPeepholes) && has_floats(op, 1, {l.directions, l.columns(), l.inputs}) &&
         has_floats(op, 2, {l.directions, l.columns(), l.hidden}) &&
         has_floats(op, kBias, {l.directions, 2 * l.columns()}) && has_floats(op, 5, state) &&
         has_floats(op, 6, state);
}

std::optional<Layer> layer_of(const Operator& op, Cell cell) {
  const Operand& x = op.inputs[0];
  if (x.dtype != DType::Float32 || x.dims.size() != 3 || op.inputs.size() < 3) return std::nullopt;
  Layer layer;
  layer.cell = cell;
  layer.gates = cell == Cell::Lstm ? 4 : (cell == Cell::Gru ? 3 : 1);
  layer.is_batch_first = op.attributes.get_int("layout", 0) != 0;
  layer.steps = x.dims[layer.is_batch_first ? 1 : 0];
  layer.batch = x.dims[layer.is_batch_first ? 0 : 1];
  layer.inputs = x.dims[2];
  const std::string direction = op.attributes.get_string("direction", "forward");
  layer.directions = direction == "bidirectional" ? 2 : 1;
  layer.is_reverse = direction == "reverse";
  if (op.inputs[2].dims.size() != 3) return std::nullopt;
  layer.hidden = op.inputs[2].dims[2];
  layer.is_coupled = op.attributes.get_int("input_forget", 0) != 0;
  layer.resets_after = op.attributes.get_int("linear_before_reset", 0) != 0;
  if (const float clip = op.attributes.get_float("clip", 0.0F); clip > 0.0F) layer.clip = clip;
  const bool is_empty =
      layer.steps == 0 || layer.batch == 0 || layer.inputs == 0 || layer.hidden == 0;
  if (is_empty || !has_usual_operands(op, layer) || !has_usual_activations(op, cell))
    return std::nullopt;
  return layer;
}

void add_bias(const Layer& layer, const Operator& op, std::int64_t d, Direction& direction) {
  const auto columns = static_cast<std::size_t>(layer.columns());
  const auto hidden = static_cast<std::size_t>(layer.hidden);
  direction.bias.assign(columns, 0.0F);
  direction.candidate_bias.assign(hidden, 0.0F);
  if (!op.has_input(3)) return;
  const Tensor plain = op.inputs[3].constant->materialised();
  const float* const of_input =
      plain.data<float>().data() + 2 * static_cast<std::size_t>(d) * columns;
  const float* const of_recurrent = of_input + columns;
  for (std::size_t j = 0; j < columns; ++j) {
    const bool is_apart = layer.cell == Cell::Gru && layer.resets_after && j >= 2 * hidden;
    direction.bias[j] = of_input[j] + (is_apart ? 0.0F : of_recurrent[j]);
    if (is_apart) direction.candidate_bias[j - 2 * hidden] = of_recurrent[j];
  }
}

std::unique_ptr<const BoundKernel> bind_cell(const Operator& op, PackedWeights& weights,
                                             Cell cell) {
  const auto layer = layer_of(op, cell);
  if (!layer) return nullptr;
  const Tensor& w = *op.inputs[1].constant;
  const Tensor& r = *op.inputs[2].constant;
  std::vector<Direction> directions;
  for (std::int64_t d = 0; d < layer->directions; ++d) {
    Direction& direction = directions.emplace_back();
    const std::int64_t columns = layer->columns();
    const std::int64_t hidden = layer->hidden;
    direction.input = make_product(layer->steps * layer->batch, layer->inputs, columns, w,
                                   d * columns * layer->inputs, weights);
    const std::int64_t at = d * columns * hidden;
    // The gates z and r have their product before that of the candidate.
    const std::int64_t first = layer->resets_before() ? 2 * hidden : columns;
    direction.recurrent = make_product(layer->batch, hidden, first, r, at, weights);
    if (layer->resets_before()) {
      direction.candidate =
          make_product(layer->batch, hidden, hidden, r, at + first * hidden, weights);
    }
    add_bias(*layer, op, d, direction);
  }
  return std::make_unique<Recurrent>(*layer, std::move(directions), op.inputs.size());
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_gru(const Operator& op, PackedWeights& weights) {
  return bind_cell(op, weights, Cell::Gru);
}

std::unique_ptr<const BoundKernel> bind_lstm(const Operator& op, PackedWeights& weights) {
  return bind_cell(op, weights, Cell::Lstm);
}

std::unique_ptr<const BoundKernel> bind_rnn(const Operator& op, PackedWeights& weights) {
  return bind_cell(op, weights, Cell::Rnn);
}

}  // namespace braid
