// LSTM, GRU and RNN over floats with constant weights and the usual activations.
//
// The product of the inputs with W is one matrix product for all steps. Then, in each step, every
// thread has the units of some blocks: their part of the product of the state with R, and the
// activations.

#include <algorithm>
#include <cctype>

#include "backends/cpu/bind.hpp"
#include "backends/cpu/onednn.hpp"
#include "backends/cpu/onednn_version.hpp"
#include "backends/cpu/recurrent_kernel.hpp"
#include "backends/operands.hpp"
#include "support/operand.hpp"

namespace braid {
namespace {

using Layer = RecurrentLayer;
using Direction = RecurrentDirection;

// [rows, inputs] times a part of a weight, [columns, inputs] transposed.
std::unique_ptr<const BoundKernel> make_product(const Tensor& weight, std::int64_t rows,
                                                const onednn::Rows& part, onednn::Schedule schedule,
                                                PackedWeights& weights) {
  constexpr DType kFloat = DType::Float32;
  const ThreadLimit limit = onednn::limit_for(schedule);
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const std::int64_t inputs = part.length;
  const std::int64_t columns = part.total();
  const dnnl::matmul::primitive_desc description = onednn::describe_matmul(
      onednn::plain(kFloat, {rows, inputs}), onednn::any(kFloat, {inputs, columns}), {},
      onednn::plain(kFloat, {rows, columns}), attributes);
  auto packed = onednn::pack_rows(weight, part, description.weights_desc(), weights);
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
  const Tensor plain = as_operand(*op.inputs[3].constant);
  const float* const of_input =
      plain.data<float>().data() + 2 * static_cast<std::size_t>(d) * columns;
  const float* const of_recurrent = of_input + columns;
  for (std::size_t j = 0; j < columns; ++j) {
    const bool is_apart = layer.cell == Cell::Gru && layer.resets_after && j >= 2 * hidden;
    direction.bias[j] = of_input[j] + (is_apart ? 0.0F : of_recurrent[j]);
    if (is_apart) direction.candidate_bias[j - 2 * hidden] = of_recurrent[j];
  }
}

// How many units are computed at a time: all of a small layer, else those whose weights are a part
// of a core's cache, and as many blocks for each thread.
std::int64_t units_of_block(const Layer& layer) {
  constexpr std::int64_t kBytes = std::int64_t{512} << 10;
  constexpr std::int64_t kStep = 16;  // a vector
  const std::int64_t weights = layer.columns() * layer.hidden;
  const auto operations = 2.0 * static_cast<double>(layer.batch * weights);
  if (onednn::schedule_for(operations) == onednn::Schedule::OneThread) return layer.hidden;
  const auto threads = static_cast<std::int64_t>(thread_count());
  const std::int64_t blocks = (weights * 4 / threads / kBytes + 1) * threads;
  return ((layer.hidden - 1) / blocks / kStep + 1) * kStep;
}

std::vector<RecurrentBlock> make_blocks(const Layer& layer, std::int64_t d, const Tensor& r,
                                        PackedWeights& weights) {
  const std::int64_t hidden = layer.hidden;
  const std::int64_t width = units_of_block(layer);
  // The gates z and r have their product before that of the candidate.
  const std::int64_t together = layer.resets_before() ? 2 : layer.gates;
  std::vector<RecurrentBlock> blocks;
  for (std::int64_t first = 0; first < hidden; first += width) {
    RecurrentBlock& block = blocks.emplace_back();
    block.first = first;
    block.units = std::min(width, hidden - first);
    const auto product = [&](std::int64_t gate, std::int64_t gates) {
      const onednn::Rows rows{hidden, d * layer.columns() + gate * hidden + first, block.units,
                              hidden, gates};
      return make_product(r, layer.batch, rows, onednn::Schedule::OneThread, weights);
    };
    block.recurrent = product(0, together);
    if (layer.resets_before()) block.candidate = product(together, 1);
  }
  return blocks;
}

std::unique_ptr<const BoundKernel> bind_cell(const Operator& op, PackedWeights& weights,
                                             Cell cell) {
  const auto layer = layer_of(op, cell);
  if (!layer) return nullptr;
  const std::int64_t rows = layer->steps * layer->batch;
  const std::int64_t columns = layer->columns();
  const onednn::Schedule schedule = onednn::schedule_for(
      2.0 * static_cast<double>(rows) * static_cast<double>(layer->inputs * columns));
  std::vector<Direction> directions;
  for (std::int64_t d = 0; d < layer->directions; ++d) {
    Direction& direction = directions.emplace_back();
    const onednn::Rows own{layer->inputs, d * columns, columns};
    direction.input = make_product(*op.inputs[1].constant, rows, own, schedule, weights);
    direction.blocks = make_blocks(*layer, d, *op.inputs[2].constant, weights);
    add_bias(*layer, op, d, direction);
  }
  return make_recurrent(*layer, std::move(directions), op.inputs.size());
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
