// GatherElements, GatherND, ScatterElements and ScatterND. An index out of range is reported when
// the run ends.

#include <map>

#include "backends/cuda/bind.hpp"
#include "backends/cuda/bind_arguments.hpp"
#include "backends/operands.hpp"
#include "kernels/cuda/indexed.hpp"

namespace braid::cuda {
namespace {

using Dims = std::vector<std::int64_t>;

bool is_empty(const Operator& op) {
  return product(op.inputs[0].dims) == 0 || product(op.inputs[1].dims) == 0;
}

// As ONNX asks for along an axis; nothing if not.
std::optional<std::size_t> elements_axis(const Operator& op) {
  const Dims& data = op.inputs[0].dims;
  const Dims& indices = op.inputs[1].dims;
  const auto axis = axis_of(op.attributes.get_int("axis", 0), data.size());
  if (!axis || indices.size() != data.size()) return std::nullopt;
  for (std::size_t d = 0; d < data.size(); ++d) {
    if (d != *axis && indices[d] > data[d]) return std::nullopt;
  }
  return axis;
}

// The same of tuples: how many axes of the batch there are.
std::optional<std::size_t> tuples_batch(const Operator& op, std::int64_t batch_dims) {
  const Dims& data = op.inputs[0].dims;
  const Dims& indices = op.inputs[1].dims;
  if (data.empty() || indices.empty() || batch_dims < 0) return std::nullopt;
  const auto batch = static_cast<std::size_t>(batch_dims);
  if (batch >= std::min(data.size(), indices.size()) || indices.back() == 0 ||
      batch_dims + indices.back() > static_cast<std::int64_t>(data.size())) {
    return std::nullopt;
  }
  const bool fits = std::equal(data.begin(), data.begin() + batch_dims, indices.begin());
  return fits ? std::optional(batch) : std::nullopt;
}

bool has_integers(const braid::Operand& indices) {
  return indices.dtype == DType::Int64 || indices.dtype == DType::Int32;
}

std::unique_ptr<const BoundKernel> bind_gather_at(const Operator& op, GatherAtArgs args) {
  const std::int64_t width = element_width(op.inputs[0].dtype);
  const bool fits = width > 0 && has_integers(op.inputs[1]) &&
                    op.outputs[0].dtype == op.inputs[0].dtype &&
                    product(op.outputs[0].dims) == std::int64_t{args.count} * args.block;
  if (!fits) return nullptr;
  args.width = static_cast<int>(width);
  args.tuples.is_wide = op.inputs[1].dtype == DType::Int64;
  const auto add = [=](const BoundKernel::Operands& at, LaunchList& list) {
    GatherAtArgs own = args;
    own.from = at.inputs[0];
    own.tuples.data = at.inputs[1];
    own.to = at.outputs[0];
    own.bad = at.failure;
    list.add(launch_gather_at(own), own);
  };
  return make_launch_kernel({add}, op.inputs.size(), op.outputs.size());
}

std::optional<ScatterReduction> reduction_of(const Operator& op) {
  static const std::map<std::string, ScatterReduction> table = {{"add", ScatterReduction::Add},
                                                                {"max", ScatterReduction::Max},
                                                                {"min", ScatterReduction::Min},
                                                                {"mul", ScatterReduction::Mul},
                                                                {"none", ScatterReduction::None}};
  const auto found = table.find(op.attributes.get_string("reduction", "none"));
  return found == table.end() ? std::nullopt : std::optional(found->second);
}

// `updates` is how many elements the indices ask for.
std::unique_ptr<const BoundKernel> bind_scatter(const Operator& op, ScatterArgs args,
                                                std::int64_t updates) {
  const auto stored = stored_of(op.inputs[0].dtype);
  const auto reduction = reduction_of(op);
  const bool fits = has_integers(op.inputs[1]) && op.inputs[2].dtype == op.inputs[0].dtype &&
                    op.outputs[0].dtype == op.inputs[0].dtype &&
                    product(op.inputs[2].dims) == updates;
  if (!stored || !reduction || !fits) return nullptr;
  args.reduction = *reduction;
  args.tuples.is_wide = op.inputs[1].dtype == DType::Int64;
  const auto add = [=](const BoundKernel::Operands& at, LaunchList& list) {
    ScatterArgs own = args;
    own.from = at.inputs[0];
    own.tuples.data = at.inputs[1];
    own.updates = at.inputs[2];
    own.y = at.outputs[0];
    own.bad = at.failure;
    list.add(launch_scatter(own, *stored), own);
  };
  return make_launch_kernel({add}, op.inputs.size(), op.outputs.size());
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_gather_elements(const Operator& op, const Target&) {
  const auto axis = elements_axis(op);
  GatherAtArgs args;
  if (!axis || is_empty(op)) return nullptr;
  const bool fits = shape_gather_elements(op.inputs[0].dims, op.inputs[1].dims, *axis, args);
  return fits ? bind_gather_at(op, args) : nullptr;
}

std::unique_ptr<const BoundKernel> bind_gather_nd(const Operator& op, const Target&) {
  const auto batch = tuples_batch(op, op.attributes.get_int("batch_dims", 0));
  GatherAtArgs args;
  if (!batch || is_empty(op)) return nullptr;
  const bool fits = shape_gather_nd(op.inputs[0].dims, op.inputs[1].dims, *batch, args);
  return fits ? bind_gather_at(op, args) : nullptr;
}

std::unique_ptr<const BoundKernel> bind_scatter_elements(const Operator& op, const Target&) {
  const auto axis = elements_axis(op);
  ScatterArgs args;
  if (!axis || is_empty(op)) return nullptr;
  const bool fits = shape_scatter_elements(op.inputs[0].dims, op.inputs[1].dims, *axis, args);
  return fits ? bind_scatter(op, args, product(op.inputs[1].dims)) : nullptr;
}

std::unique_ptr<const BoundKernel> bind_scatter_nd(const Operator& op, const Target&) {
  ScatterArgs args;
  if (!tuples_batch(op, 0) || is_empty(op)) return nullptr;
  const Dims& indices = op.inputs[1].dims;
  if (!shape_scatter_nd(op.inputs[0].dims, indices, args)) return nullptr;
  return bind_scatter(op, args, product(indices) / indices.back() * args.block);
}

}  // namespace braid::cuda
