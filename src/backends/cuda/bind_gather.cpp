// Gather. An index out of range is reported when the run ends.

#include "backends/cuda/bind.hpp"
#include "backends/cuda/bind_arguments.hpp"
#include "backends/operands.hpp"
#include "kernels/cuda/gather.hpp"

namespace braid::cuda {

std::unique_ptr<const BoundKernel> bind_gather(const Operator& op, const Target&) {
  const std::vector<std::int64_t>& dims = op.inputs[0].dims;
  const DType indices = op.inputs[1].dtype;
  const std::int64_t width = element_width(op.inputs[0].dtype);
  const auto axis = axis_of(op.attributes.get_int("axis", 0), dims.size());
  const bool is_int = indices == DType::Int64 || indices == DType::Int32;
  const std::int64_t count = product(op.inputs[1].dims);
  if (width == 0 || !axis || !is_int || count == 0 || product(dims) == 0) return nullptr;
  const bool fits = op.outputs[0].dtype == op.inputs[0].dtype &&
                    product(op.outputs[0].dims) == product(dims) / dims[*axis] * count;
  if (!fits) return nullptr;
  GatherArgs args;
  args.outer = to_int(product(dims, 0, *axis));
  args.dim = to_int(dims[*axis]);
  args.count = to_int(count);
  args.block_bytes = to_int(product(dims, *axis + 1, dims.size()) * width);
  args.is_wide = indices == DType::Int64;
  const auto add = [=](const BoundKernel::Operands& at, LaunchList& list) {
    GatherArgs own = args;
    own.from = at.inputs[0];
    own.indices = at.inputs[1];
    own.to = at.outputs[0];
    own.bad = at.failure;
    const Launch launch = launch_gather(own);
    list.add(launch, own);
  };
  return make_launch_kernel({add}, op.inputs.size(), op.outputs.size());
}

}  // namespace braid::cuda
