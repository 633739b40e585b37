// ReduceSum and its kin, over any axes that are known when the kernel is bound.

#include <map>

#include "backends/cpu/bind.hpp"
#include "kernels/cpu/reduce.hpp"

namespace braid {
namespace {

using cpu::Reduction;

class ReduceKernel final : public PlainKernel {
 public:
  explicit ReduceKernel(cpu::ReducePlan plan) : plan_(std::move(plan)) {}

  std::string name() const override { return "reduce"; }

  bool reads(std::size_t input) const override { return input == 0; }

  void run(const Operands& operands) const override {
    plan_.run(operands.inputs[0], operands.outputs[0]);
  }

 private:
  cpu::ReducePlan plan_;
};

// For each dim whether it is reduced; nothing if the axes are computed.
std::optional<std::vector<bool>> reduced_dims(const Operator& op) {
  const std::size_t rank = op.inputs[0].dims.size();
  std::vector<std::int64_t> axes = op.attributes.get_ints("axes");
  if (op.has_input(1)) {
    const Tensor* constant = op.inputs[1].constant;
    if (constant == nullptr || !constant->has_data()) return std::nullopt;
    axes = to_int64s(*constant);
  }
  const bool reduces_all = axes.empty() && op.attributes.get_int("noop_with_empty_axes", 0) == 0;
  std::vector<bool> is_reduced(rank, reduces_all);
  for (const std::int64_t axis : axes) {
    const std::int64_t d = axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis;
    is_reduced.at(static_cast<std::size_t>(d)) = true;
  }
  return is_reduced;
}

Reduction reduction_of(std::string_view name) {
  static const std::map<std::string_view, Reduction> table = {
      {"ReduceL1", Reduction::L1},         {"ReduceL2", Reduction::L2},
      {"ReduceMax", Reduction::Max},       {"ReduceMean", Reduction::Mean},
      {"ReduceMin", Reduction::Min},       {"ReduceProd", Reduction::Prod},
      {"ReduceSum", Reduction::Sum},       {"ReduceSumSquare", Reduction::SumSquare},
      {"ReduceLogSum", Reduction::LogSum},
  };
  return table.at(name);
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_reduce(const Operator& op, PackedWeights& /*weights*/) {
  const Operand& x = op.inputs[0];
  const Reduction reduction = reduction_of(op.name);
  if (!cpu::ReducePlan::is_computable(reduction, x.dtype)) return nullptr;
  for (const std::int64_t dim : x.dims) {
    if (dim == 0) return nullptr;
  }
  const auto is_reduced = reduced_dims(op);
  if (!is_reduced) return nullptr;
  return std::make_unique<ReduceKernel>(cpu::ReducePlan(reduction, x.dtype, x.dims, *is_reduced));
}

}  // namespace braid
