// LSTM, GRU and RNN with constant weights: one product with W for all steps and directions, and one
// launch for all steps; states that are too large for that take a few launches per step.

#include "backends/cuda/bind.hpp"
#include "backends/cuda/bind_arguments.hpp"
#include "backends/cuda/recurrent_layer.hpp"
#include "backends/operands.hpp"
#include "kernels/cuda/gemm_members.hpp"
#include "support/operand.hpp"

namespace braid::cuda {
namespace {

using Layer = RecurrentLayer;

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

// The bias of R; without that of the hidden gate, which a GRU resets, too.
PackedWeights::Bytes added_bias(const Operator& op, const Layer& l, const Target& target) {
  if (!op.has_input(kRecurrentBias)) return nullptr;
  const Tensor& bias = *op.inputs[kRecurrentBias].constant;
  const bool is_reset = l.cell == CellKind::Gru && l.resets_after;
  const auto row = static_cast<std::size_t>(l.columns() * l.width());
  const auto gate = static_cast<std::size_t>(l.hidden * l.width());
  return target.pack(bias, is_reset ? "reset bias" : "bias", bias.bytes() / 2, [&](std::byte* to) {
    const Tensor plain = as_operand(bias);
    const std::byte* from = plain.raw().data() + row;
    for (std::int64_t d = 0; d < l.directions; ++d, from += 2 * row, to += row) {
      std::copy(from, from + row, to);
      if (is_reset) std::fill(to + 2 * gate, to + 3 * gate, std::byte{0});
    }
  });
}

// W x and the biases, [directions, rows, columns], where rows are those of x.
GemmMembersArgs input_product(const Layer& l) {
  GemmMembersArgs args;
  args.members = to_int(l.directions);
  args.rows = to_int(l.steps * l.batch);
  args.columns = to_int(l.columns());
  args.depth = to_int(l.inputs);
  args.a.strides = {0, 0, l.inputs, 1};
  args.b.strides = {l.inputs * l.columns(), 0, l.columns(), 1};
  args.y_strides = {l.steps * l.batch * l.columns(), 0, l.columns(), 1};
  args.epilogue.bias.strides = {2 * l.columns(), 0, 0, 1};
  args.epilogue.residual.strides = {l.columns(), 0, 0, 1};
  return args;
}

RecurrentSequenceArgs sequence_of(const Layer& l) {
  const bool is_front = l.is_batch_first;
  const SequenceStrides state{0, is_front ? l.hidden : l.batch * l.hidden, 0,
                              is_front ? l.directions * l.hidden : l.hidden};
  RecurrentSequenceArgs args;
  args.gates.strides = {0, l.steps * l.batch * l.columns(),
                        is_front ? l.columns() : l.batch * l.columns(),
                        is_front ? l.steps * l.columns() : l.columns()};
  args.r.strides = {0, l.hidden * l.columns(), 0, 0};
  args.reset_bias.strides = {0, 2 * l.columns(), 0, 0};
  args.peephole.strides = {0, 3 * l.hidden, 0, 0};
  args.first_hidden.strides = args.first_cell.strides = state;
  args.last_hidden.strides = args.last_cell.strides = state;
  args.y.strides =
      is_front
          ? SequenceStrides{0, l.hidden, l.directions * l.hidden, l.steps * l.directions * l.hidden}
          : SequenceStrides{0, l.batch * l.hidden, l.directions * l.batch * l.hidden, l.hidden};
  args.cell = l.cell;
  args.is_reverse = l.is_reverse;
  args.resets_after = l.resets_after;
  args.is_coupled = l.is_coupled;
  args.clip = l.clip;
  std::copy(&l.activations[0][0], &l.activations[0][0] + 6, &args.activations[0][0]);
  args.directions = to_int(l.directions);
  args.batch = to_int(l.batch);
  args.steps = to_int(l.steps);
  args.size = to_int(l.hidden);
  return args;
}

std::unique_ptr<const BoundKernel> bind_sequence(const Operator& op, const Layer& l,
                                                 const RecurrentWeights& weights,
                                                 const Target& target) {
  const auto bias = added_bias(op, l, target);
  const GemmMembersArgs product = input_product(l);
  const GemmTile tile = target.choice().tile_for(product, l.element);
  LaunchPlan plan;
  plan.unread = {kW, kR};
  plan.workspace_bytes =
      static_cast<std::size_t>(l.directions * l.steps * l.batch * l.columns() * l.width());
  plan.add_launches = [=, args = sequence_of(l)](const BoundKernel::Operands& at,
                                                 LaunchList& list) {
    const auto input = [&](std::size_t i) { return i < at.inputs.size() ? at.inputs[i] : nullptr; };
    const auto output = [&](std::size_t i) {
      return i < at.outputs.size() ? at.outputs[i] : nullptr;
    };
    GemmMembersArgs first = product;
    first.a.data = at.inputs[kX];
    first.b.data = weights.w.get();
    first.y = at.workspace;
    first.epilogue.bias.data = input(kRecurrentBias);
    first.epilogue.residual.data = bias.get();
    list.add(launch_gemm_members(first, l.element, tile), first);
    RecurrentSequenceArgs own = args;
    own.gates.data = at.workspace;
    own.r.data = weights.r.get();
    const bool is_reset = l.cell == CellKind::Gru && l.resets_after;
    if (is_reset && input(kRecurrentBias) != nullptr)
      own.reset_bias.data = input(kRecurrentBias) + (l.columns() + 2 * l.hidden) * l.width();
    own.peephole.data = input(kPeephole);
    own.first_hidden.data = input(kFirstHidden);
    own.first_cell.data = input(kFirstCell);
    own.lengths = reinterpret_cast<const int*>(input(kLengths));
    own.y.data = output(0);
    own.last_hidden.data = output(1);
    own.last_cell.data = output(2);
    list.add(launch_recurrent_sequence(own, l.element), own);
  };
  return make_launch_kernel(std::move(plan), op.inputs.size(), op.outputs.size());
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_recurrent(const Operator& op, const Target& target) {
  const auto layer = recurrent_layer_of(op);
  if (!layer) return nullptr;
  const RecurrentWeights weights{transposed(*op.inputs[kW].constant, target),
                                 transposed(*op.inputs[kR].constant, target)};
  return layer->hidden <= kLargestSequenceState ? bind_sequence(op, *layer, weights, target)
                                                : bind_recurrent_steps(op, *layer, weights, target);
}

}  // namespace braid::cuda
