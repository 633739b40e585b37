// ai.braid.Attention: one launch for all heads of all members. Does not apply to heads larger than
// the kernels have, nor to more addends, nor to batches that are not three axes once those that lie
// alike are joined.

#include "backends/cuda/bind.hpp"
#include "backends/cuda/bind_arguments.hpp"
#include "kernels/cuda/attention_members.hpp"
#include "plan/attention_layout.hpp"

namespace braid::cuda {
namespace {

using Matrices = AttentionLayout::Matrices;

constexpr std::size_t kAxes = 3;         // members, batch, heads
constexpr std::size_t kFirstAddend = 3;  // among the inputs

// Of q, k, v, y and the addends.
std::vector<const Matrices*> operands_of(const AttentionLayout& layout) {
  std::vector<const Matrices*> result = {&layout.q, &layout.k, &layout.v, &layout.y};
  for (const AttentionLayout::Addend& addend : layout.addends)
    result.push_back(&addend.at);
  return result;
}

// Nothing if there are too many; else as many as the kernel has, the outermost first.
std::optional<std::vector<JointAxis>> batch_of(const AttentionLayout& layout) {
  const std::vector<const Matrices*> operands = operands_of(layout);
  std::vector<JointAxis> axes;
  for (std::size_t i = 0; i < layout.batch.size(); ++i) {
    JointAxis axis{layout.batch[i], {}};
    for (const Matrices* operand : operands)
      axis.strides.push_back(operand->batch[i]);
    axes.push_back(std::move(axis));
  }
  axes = joined(axes);
  if (axes.size() > kAxes) return std::nullopt;
  axes.insert(axes.begin(), kAxes - axes.size(),
              {1, std::vector<std::int64_t>(operands.size(), 0)});
  return axes;
}

HeadStrides head_strides(const Matrices& at, const std::vector<JointAxis>& batch,
                         std::size_t operand) {
  return {batch[0].strides[operand], batch[1].strides[operand], batch[2].strides[operand], at.row,
          at.column};
}

ScoreBias score_bias(const AttentionLayout::Addend& addend, const std::vector<JointAxis>& batch,
                     std::size_t operand) {
  ScoreBias bias;
  bias.member = batch[0].strides[operand];
  bias.batch = batch[1].strides[operand];
  bias.head = batch[2].strides[operand];
  bias.query = addend.at.row;
  bias.key = addend.at.column;
  bias.factor = addend.factor;
  return bias;
}

AttentionMembersArgs args_of(const AttentionLayout& layout, const std::vector<JointAxis>& batch) {
  AttentionMembersArgs args;
  args.q_strides = head_strides(layout.q, batch, 0);
  args.k_strides = head_strides(layout.k, batch, 1);
  args.v_strides = head_strides(layout.v, batch, 2);
  args.y_strides = head_strides(layout.y, batch, 3);
  for (std::size_t i = 0; i < layout.addends.size(); ++i)
    args.biases[i] = score_bias(layout.addends[i], batch, 4 + i);
  args.members = to_int(batch[0].size);
  args.batch = to_int(batch[1].size);
  args.heads = to_int(batch[2].size);
  args.queries = to_int(layout.rows);
  args.keys = to_int(layout.keys);
  args.size = to_int(layout.width);
  args.value_size = to_int(layout.value_width);
  args.scale = layout.scale;
  args.is_guarded = layout.is_guarded;
  return args;
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_attention(const Operator& op, const Target& target) {
  const AttentionLayout layout = AttentionLayout::of(op.attributes);
  const auto element = element_of(op.inputs[0].dtype);
  const bool is_large = layout.width > kLargestHead || layout.value_width > kLargestHead;
  if (!element || is_large || layout.addends.size() > kMostScoreBiases) return nullptr;
  const auto batch = batch_of(layout);
  if (!batch) return nullptr;
  const std::int64_t width = element_bytes(*element);
  const AttentionMembersArgs args = args_of(layout, *batch);
  const auto launch = target.choice().uses_tensor_cores(*element) ? launch_attention_members_tensor
                                                                  : launch_attention_members;
  const auto add = [=](const BoundKernel::Operands& at, LaunchList& list) {
    const auto input = [&](std::size_t i, const Matrices& matrices) {
      return at.inputs[i] + matrices.offset * width;
    };
    AttentionMembersArgs own = args;
    own.q = input(0, layout.q);
    own.k = input(1, layout.k);
    own.v = input(2, layout.v);
    own.y = at.outputs[0] + layout.y.offset * width;
    for (std::size_t i = 0; i < layout.addends.size(); ++i)
      own.biases[i].data = input(kFirstAddend + i, layout.addends[i].at);
    list.add(launch(own, *element), own);
  };
  return make_launch_kernel({add}, op.inputs.size(), op.outputs.size());
}

}  // namespace braid::cuda
