// CumSum, CumProd and ReverseSequence.

#include "backends/cuda/bind.hpp"
#include "backends/cuda/bind_arguments.hpp"
#include "backends/operands.hpp"
#include "kernels/cuda/reverse_sequence.hpp"
#include "kernels/cuda/scan.hpp"

namespace braid::cuda {

std::unique_ptr<const BoundKernel> bind_scan(const Operator& op, const Target&) {
  const std::vector<std::int64_t>& dims = op.inputs[0].dims;
  const auto stored = stored_of(op.inputs[0].dtype);
  const bool is_counted = stored && *stored <= Stored::Int64;
  const auto stated = constant_ints(op, 1, "");
  if (!is_counted || !stated || stated->size() != 1 || product(dims) == 0 ||
      op.outputs[0].dims != dims) {
    return nullptr;
  }
  const auto axis = axis_of((*stated)[0], dims.size());
  if (!axis) return nullptr;
  ScanArgs args;
  args.outer = to_int(product(dims, 0, *axis));
  args.length = to_int(dims[*axis]);
  args.inner = to_int(product(dims, *axis + 1, dims.size()));
  args.is_product = op.name == "CumProd";
  args.is_exclusive = op.attributes.get_int("exclusive", 0) != 0;
  args.is_reverse = op.attributes.get_int("reverse", 0) != 0;
  LaunchPlan plan;
  plan.unread = {1};
  plan.add_launches = [=](const BoundKernel::Operands& at, LaunchList& list) {
    ScanArgs own = args;
    own.x = at.inputs[0];
    own.y = at.outputs[0];
    list.add(launch_scan(own, *stored), own);
  };
  return make_launch_kernel(std::move(plan), op.inputs.size(), op.outputs.size());
}

std::unique_ptr<const BoundKernel> bind_reverse_sequence(const Operator& op, const Target&) {
  const std::vector<std::int64_t>& dims = op.inputs[0].dims;
  const std::int64_t width = element_width(op.inputs[0].dtype);
  const auto batch = axis_of(op.attributes.get_int("batch_axis", 1), dims.size());
  const auto time = axis_of(op.attributes.get_int("time_axis", 0), dims.size());
  if (width == 0 || !batch || !time || *batch == *time || product(dims) == 0 ||
      op.outputs[0].dims != dims) {
    return nullptr;
  }
  const bool has_lengths =
      op.inputs[1].dtype == DType::Int64 && op.inputs[1].dims == std::vector{dims[*batch]};
  if (!has_lengths) return nullptr;
  const auto [first, second] = std::minmax(*batch, *time);
  ReverseSequenceArgs args;
  args.is_time_first = *time < *batch;
  args.outer = to_int(product(dims, 0, first));
  args.first = to_int(dims[first]);
  args.middle = to_int(product(dims, first + 1, second));
  args.second = to_int(dims[second]);
  args.inner = to_int(product(dims, second + 1, dims.size()));
  args.width = static_cast<int>(width);
  const auto add = [=](const BoundKernel::Operands& at, LaunchList& list) {
    ReverseSequenceArgs own = args;
    own.from = at.inputs[0];
    own.lengths = at.inputs[1];
    own.to = at.outputs[0];
    own.bad = at.failure;
    list.add(launch_reverse_sequence(own), own);
  };
  return make_launch_kernel({add}, op.inputs.size(), op.outputs.size());
}

}  // namespace braid::cuda
