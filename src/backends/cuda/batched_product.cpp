#include "backends/cuda/batched_product.hpp"

#include "backends/cuda/choice/choose_kernel.hpp"
#include "backends/cuda/choice/layer_key.hpp"
#include "backends/cuda/epilogue.hpp"

namespace braid::cuda {
namespace {

using Dims = std::vector<std::int64_t>;

MatrixStrides strides_for(const BatchedProduct& product, ProductOperand factor,
                          const JointAxis& row, const JointAxis& column) {
  const auto& batch = product.batch;
  const auto stride = [&](std::size_t from_end) {
    return batch.size() < from_end ? 0 : batch[batch.size() - from_end].strides[factor];
  };
  return {stride(2), stride(1), row.strides[factor], column.strides[factor]};
}

// One product of the form after the other: they share its workspace.
Candidate candidate_of(const ProductForm& form, const GemmMembersArgs& args, Element element,
                       const std::vector<Dims>& offsets) {
  Candidate candidate{form.name, form.seconds * static_cast<double>(offsets.size()), {}};
  candidate.plan.workspace_bytes = form.workspace_bytes;
  candidate.plan.add_launches = [=, add = form.add](const BoundKernel::Operands& at,
                                                    LaunchList& list) {
    for (const Dims& offset : offsets) {
      GemmMembersArgs own = args;
      set_addresses(at.inputs, at.outputs[0], offset, element, own);
      add(own, at.workspace, list);
    }
  };
  return candidate;
}

}  // namespace

GemmMembersArgs gemm_args(const Operator& op, const BatchedProduct& product) {
  const auto size = [&](std::size_t from_end) {
    const auto& batch = product.batch;
    return batch.size() < from_end ? 1 : to_int(batch[batch.size() - from_end].size);
  };
  GemmMembersArgs args;
  args.members = size(2);
  args.batches = size(1);
  args.rows = to_int(product.rows.size);
  args.columns = to_int(product.columns.size);
  args.depth = to_int(product.depth.size);
  args.a.strides = strides_for(product, kA, product.rows, product.depth);
  args.b.strides = strides_for(product, kB, product.depth, product.columns);
  args.y_strides = strides_for(product, kY, product.rows, product.columns);
  args.epilogue = epilogue_of(op);
  args.epilogue.bias.strides = strides_for(product, kBiasOperand, product.rows, product.columns);
  args.epilogue.residual.strides =
      strides_for(product, kSummandOperand, product.rows, product.columns);
  return args;
}

std::vector<Dims> outer_offsets(const BatchedProduct& product) {
  std::vector<Dims> offsets = {Dims(kProductOperands, 0)};
  for (std::size_t axis = 0; axis + 2 < product.batch.size(); ++axis) {
    std::vector<Dims> longer;
    for (const Dims& offset : offsets) {
      for (std::int64_t i = 0; i < product.batch[axis].size; ++i) {
        Dims& next = longer.emplace_back(offset);
        for (std::size_t k = 0; k < next.size(); ++k)
          next[k] += i * product.batch[axis].strides[k];
      }
    }
    offsets = std::move(longer);
  }
  return offsets;
}

void set_addresses(std::span<const std::byte* const> inputs, std::byte* y,
                   std::span<const std::int64_t> offsets, Element element, GemmMembersArgs& args) {
  const auto place = [&](std::size_t input, ProductOperand operand) -> const std::byte* {
    if (input >= inputs.size() || inputs[input] == nullptr) return nullptr;
    return inputs[input] + offsets[operand] * element_bytes(element);
  };
  args.a.data = place(0, kA);
  args.b.data = place(1, kB);
  args.y = y + offsets[kY] * element_bytes(element);
  args.epilogue.bias.data = place(kBias, kBiasOperand);
  args.epilogue.residual.data = place(kSummand, kSummandOperand);
}

std::unique_ptr<const BoundKernel> bind_product(const Operator& op, const BatchedProduct& product,
                                                const Target& target) {
  const Element element = *element_of(op.inputs[0].dtype);
  constexpr std::size_t kMostLaunches = 64;
  const std::vector<Dims> offsets = outer_offsets(product);
  if (offsets.size() > kMostLaunches) return nullptr;
  const GemmMembersArgs args = gemm_args(op, product);
  const Addends addends = addends_of(op);
  std::vector<Candidate> candidates;
  for (const ProductForm& form : product_forms(args, element, addends, target))
    candidates.push_back(candidate_of(form, args, element, offsets));
  const Layer layer = layer_of(args, element, addends, target.rounds_floats, offsets.size());
  return choose_kernel(op, layer, std::move(candidates), target);
}

}  // namespace braid::cuda
