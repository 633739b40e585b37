// TopK, ArgMax and ArgMin, along any axis.

#include "backends/cpu/bind.hpp"
#include "backends/operands.hpp"
#include "kernels/cpu/selection.hpp"

namespace braid {
namespace {

template <class T>
class TopK final : public PlainKernel {
 public:
  TopK(const cpu::Selection& selection, std::int64_t k) : selection_(selection), k_(k) {}

  std::string name() const override { return "cpu heap"; }
  bool reads(std::size_t input) const override { return input == 0; }

  void run(const Operands& operands) const override {
    cpu::top_k(selection_, k_, reinterpret_cast<const T*>(operands.inputs[0]),
               reinterpret_cast<T*>(operands.outputs[0]),
               reinterpret_cast<std::int64_t*>(operands.outputs[1]));
  }

 private:
  cpu::Selection selection_;
  std::int64_t k_;
};

template <class T>
class ArgBest final : public PlainKernel {
 public:
  ArgBest(const cpu::Selection& selection, bool prefers_last)
      : selection_(selection), prefers_last_(prefers_last) {}

  std::string name() const override { return "cpu scan"; }
  std::size_t workspace_bytes() const override {
    return static_cast<std::size_t>(selection_.outer * selection_.inner) * sizeof(T);
  }

  void run(const Operands& operands) const override {
    cpu::arg_best(selection_, prefers_last_, reinterpret_cast<const T*>(operands.inputs[0]),
                  reinterpret_cast<T*>(operands.workspace),
                  reinterpret_cast<std::int64_t*>(operands.outputs[0]));
  }

 private:
  cpu::Selection selection_;
  bool prefers_last_;
};

std::optional<cpu::Selection> selection_of(const Operator& op, std::int64_t default_axis) {
  const std::vector<std::int64_t>& dims = op.inputs[0].dims;
  const auto axis = axis_of(op.attributes.get_int("axis", default_axis), dims.size());
  if (!axis || product(dims) == 0) return std::nullopt;
  return cpu::Selection{product(dims, 0, *axis), dims[*axis], product(dims, *axis + 1, dims.size()),
                        true};
}

template <template <class> class Kernel, class... Arguments>
std::unique_ptr<const BoundKernel> make_for(DType dtype, const Arguments&... arguments) {
  switch (dtype) {
    case DType::Float32:
      return std::make_unique<Kernel<float>>(arguments...);
    case DType::Float64:
      return std::make_unique<Kernel<double>>(arguments...);
    case DType::Int32:
      return std::make_unique<Kernel<std::int32_t>>(arguments...);
    case DType::Int64:
      return std::make_unique<Kernel<std::int64_t>>(arguments...);
    default:
      return nullptr;
  }
}

std::unique_ptr<const BoundKernel> bind_arg_best(const Operator& op, bool is_largest) {
  auto selection = selection_of(op, 0);
  if (!selection || op.outputs[0].dtype != DType::Int64) return nullptr;
  if (product(op.outputs[0].dims) != selection->outer * selection->inner) return nullptr;
  selection->is_largest = is_largest;
  const bool prefers_last = op.attributes.get_int("select_last_index", 0) != 0;
  return make_for<ArgBest>(op.inputs[0].dtype, *selection, prefers_last);
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_arg_max(const Operator& op, PackedWeights&) {
  return bind_arg_best(op, true);
}

std::unique_ptr<const BoundKernel> bind_arg_min(const Operator& op, PackedWeights&) {
  return bind_arg_best(op, false);
}

std::unique_ptr<const BoundKernel> bind_top_k(const Operator& op, PackedWeights&) {
  auto selection = selection_of(op, -1);
  const bool has_both = op.outputs.size() == 2 && op.outputs[0].dtype == op.inputs[0].dtype &&
                        op.outputs[1].dtype == DType::Int64;
  if (!selection || !has_both) return nullptr;
  // Where k is computed, the dims of the outputs come from a wrong guess at worst.
  if (op.has_input(1) && op.inputs[1].constant == nullptr) return nullptr;
  const std::int64_t lines = selection->outer * selection->inner;
  const std::int64_t k = product(op.outputs[0].dims) / lines;
  const bool fits = product(op.outputs[0].dims) == k * lines &&
                    op.outputs[1].dims == op.outputs[0].dims && k >= 1 && k <= selection->length;
  if (!fits) return nullptr;
  selection->is_largest = op.attributes.get_int("largest", 1) != 0;
  return make_for<TopK>(op.inputs[0].dtype, *selection, k);
}

}  // namespace braid
