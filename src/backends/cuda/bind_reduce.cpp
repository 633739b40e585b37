// ReduceSum and its kin, over any axes that are known when the kernel is bound; TopK, ArgMax and
// ArgMin along any axis.

#include <array>
#include <map>

#include "backends/cuda/bind.hpp"
#include "backends/cuda/bind_arguments.hpp"
#include "backends/operands.hpp"
#include "kernels/cuda/reduce.hpp"
#include "kernels/cuda/selection.hpp"

namespace braid::cuda {
namespace {

using Dims = std::vector<std::int64_t>;
using IsReduced = std::array<bool, 16>;  // by dim

// Nothing if the axes are computed, or none.
std::optional<IsReduced> reduced_dims(const Operator& op) {
  const std::size_t rank = op.inputs[0].dims.size();
  if (rank > IsReduced().size()) return std::nullopt;
  const auto given = constant_ints(op, 1, "axes");
  if (!given && op.has_input(1)) return std::nullopt;
  const Dims axes = given.value_or(Dims{});
  IsReduced result{};
  if (axes.empty()) {
    if (op.attributes.get_int("noop_with_empty_axes", 0) != 0) return std::nullopt;
    result.fill(true);
  }
  for (const std::int64_t axis : axes) {
    const auto at = axis_of(axis, rank);
    if (!at) return std::nullopt;
    result[*at] = true;
  }
  return result;
}

Reduction reduction_of(std::string_view name) {
  static const std::map<std::string_view, Reduction> table = {
      {"ReduceL1", Reduction::L1},         {"ReduceL2", Reduction::L2},
      {"ReduceLogSum", Reduction::LogSum}, {"ReduceLogSumExp", Reduction::LogSumExp},
      {"ReduceMax", Reduction::Max},       {"ReduceMean", Reduction::Mean},
      {"ReduceMin", Reduction::Min},       {"ReduceProd", Reduction::Prod},
      {"ReduceSum", Reduction::Sum},       {"ReduceSumSquare", Reduction::SumSquare},
  };
  return table.at(name);
}

std::optional<SelectionArgs> selection_of(const Operator& op, std::int64_t default_axis) {
  const Dims& dims = op.inputs[0].dims;
  const auto axis = axis_of(op.attributes.get_int("axis", default_axis), dims.size());
  if (!axis || product(dims) == 0) return std::nullopt;
  SelectionArgs args;
  args.outer = to_int(product(dims, 0, *axis));
  args.length = to_int(dims[*axis]);
  args.inner = to_int(product(dims, *axis + 1, dims.size()));
  return args;
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_reduce(const Operator& op, const Target&) {
  const braid::Operand& x = op.inputs[0];
  const auto stored = stored_of(op.inputs[0].dtype);
  const auto is_reduced = reduced_dims(op);
  if (!stored || !is_reduced || product(x.dims) == 0 || op.outputs[0].dtype != x.dtype)
    return nullptr;
  ReduceArgs args;
  args.reduction = reduction_of(op.name);
  if (args.reduction >= Reduction::L2 && !element_of(x.dtype)) return nullptr;
  if (!shape_reduction(x.dims, std::span(*is_reduced).first(x.dims.size()), args)) return nullptr;
  LaunchPlan plan;
  if (op.inputs.size() > 1) plan.unread = {1};
  plan.add_launches = [=](const BoundKernel::Operands& at, LaunchList& list) {
    ReduceArgs own = args;
    own.x = at.inputs[0];
    own.y = at.outputs[0];
    list.add(launch_reduce(own, *stored), own);
  };
  return make_launch_kernel(std::move(plan), op.inputs.size(), op.outputs.size());
}

std::unique_ptr<const BoundKernel> bind_arg_extremum(const Operator& op, const Target&) {
  const auto stored = stored_of(op.inputs[0].dtype);
  auto args = selection_of(op, 0);
  if (!stored || !args || op.outputs[0].dtype != DType::Int64) return nullptr;
  if (product(op.outputs[0].dims) != std::int64_t{args->outer} * args->inner) return nullptr;
  args->is_largest = op.name == "ArgMax";
  args->prefers_last = op.attributes.get_int("select_last_index", 0) != 0;
  const auto add = [=](const BoundKernel::Operands& at, LaunchList& list) {
    SelectionArgs own = *args;
    own.x = at.inputs[0];
    own.indices = reinterpret_cast<std::int64_t*>(at.outputs[0]);
    list.add(launch_arg_extremum(own, *stored), own);
  };
  return make_launch_kernel({add}, op.inputs.size(), op.outputs.size());
}

std::unique_ptr<const BoundKernel> bind_top_k(const Operator& op, const Target&) {
  const auto stored = stored_of(op.inputs[0].dtype);
  auto args = selection_of(op, -1);
  const bool has_both = op.outputs.size() == 2 && op.outputs[0].dtype == op.inputs[0].dtype &&
                        op.outputs[1].dtype == DType::Int64;
  if (!stored || !args || !has_both) return nullptr;
  // Where k is computed, the dims of the outputs come from a wrong guess at worst.
  if (op.has_input(1) && op.inputs[1].constant == nullptr) return nullptr;
  const std::int64_t lines = std::int64_t{args->outer} * args->inner;
  const std::int64_t count = product(op.outputs[0].dims);
  args->k = to_int(count / lines);
  const bool fits = count == args->k * lines && op.outputs[1].dims == op.outputs[0].dims &&
                    args->k >= 1 && args->k <= args->length;
  if (!fits) return nullptr;
  args->is_largest = op.attributes.get_int("largest", 1) != 0;
  LaunchPlan plan;
  if (op.inputs.size() > 1) plan.unread = {1};
  plan.add_launches = [=](const BoundKernel::Operands& at, LaunchList& list) {
    SelectionArgs own = *args;
    own.x = at.inputs[0];
    own.values = at.outputs[0];
    own.indices = reinterpret_cast<std::int64_t*>(at.outputs[1]);
    list.add(launch_top_k(own, *stored), own);
  };
  return make_launch_kernel(std::move(plan), op.inputs.size(), op.outputs.size());
}

}  // namespace braid::cuda
