// ai.braid.GroupedMatMul: one launch for products of any sizes. Where they are, and how large, is a
// list in the device's memory, made when the addresses are known. Does not apply where a launch for
// each is modelled to take no longer.

#include <algorithm>
#include <limits>

#include "backends/cuda/batched_product.hpp"
#include "backends/cuda/choice/product_cost.hpp"
#include "backends/cuda/epilogue.hpp"
#include "kernels/cuda/grouped_gemm.hpp"
#include "plan/grouped_matmul.hpp"

namespace braid::cuda {
namespace {

constexpr std::size_t kMostProblems = 512;
constexpr double kLeastGain = 0.9;  // of the time that they take apart

using Dims = std::vector<std::int64_t>;

// One matrix product.
struct Problem {
  std::size_t product = 0;  // of the operator
  GemmMembersArgs args;
  Dims offsets;  // of its operands
};

struct Problems {
  std::vector<Problem> list;
  std::vector<ProductSize> sizes;  // of products, all matrices of each
  double seconds_apart = 0;
};

// A problem for each index of members and batches.
void add_matrices(std::size_t product, const GemmMembersArgs& args, const Dims& offsets,
                  std::vector<Problem>& list) {
  const MatrixStrides* const strides[kProductOperands] = {
      &args.a.strides, &args.b.strides, &args.y_strides, &args.epilogue.bias.strides,
      &args.epilogue.residual.strides};
  for (int member = 0; member < args.members; ++member) {
    for (int batch = 0; batch < args.batches; ++batch) {
      Problem& problem = list.emplace_back(Problem{product, args, offsets});
      problem.args.members = problem.args.batches = 1;
      for (std::size_t i = 0; i < kProductOperands; ++i)
        problem.offsets[i] += member * strides[i]->member + batch * strides[i]->batch;
    }
  }
}

double seconds_apart(const Operator& op, const GemmMembersArgs& args, Element element,
                     const Target& target) {
  double least = std::numeric_limits<double>::max();
  for (const ProductForm& form : product_forms(args, element, addends_of(op), target))
    least = std::min(least, form.seconds);
  return least;
}

bool add_product(std::size_t number, const Operator& op, Element element, const Target& target,
                 Problems& problems) {
  const auto product = matmul_product(op);
  if (!product || element_of(op.inputs[0].dtype) != element) return false;
  const GemmMembersArgs args = gemm_args(op, *product);
  const std::vector<Dims> offsets = outer_offsets(*product);
  const std::size_t matrices = offsets.size() * static_cast<std::size_t>(args.members) *
                               static_cast<std::size_t>(args.batches);
  if (problems.list.size() + matrices > kMostProblems) return false;
  for (const Dims& offset : offsets)
    add_matrices(number, args, offset, problems.list);
  ProductSize& size = problems.sizes.emplace_back(size_of(args, element));
  size.matrices = static_cast<std::int64_t>(matrices);
  size.bytes *= static_cast<double>(offsets.size());
  problems.seconds_apart +=
      seconds_apart(op, args, element, target) * static_cast<double>(offsets.size());
  return true;
}

GemmTile best_tile(const Problems& problems, Element element, const Target& target) {
  const auto seconds = [&](GemmTile tile) {
    return grouped_seconds(problems.sizes, tile, target.gpu.traits());
  };
  GemmTile best = GemmTile::Small;
  if (seconds(GemmTile::Medium) < seconds(best)) best = GemmTile::Medium;
  const bool has_tensor_cores = target.choice().uses_tensor_cores(element);
  if (has_tensor_cores && seconds(GemmTile::TensorMedium) < seconds(best))
    best = GemmTile::TensorMedium;
  return best;
}

// The list for these addresses.
std::vector<GroupedProblem> at_addresses(const std::vector<Problem>& problems, Element element,
                                         const BoundKernel::Operands& at) {
  std::vector<GroupedProblem> list;
  for (const Problem& problem : problems) {
    const auto inputs = std::span(at.inputs).subspan(GroupedMatMul::input(problem.product, 0),
                                                     GroupedMatMul::input(1, 0));
    GroupedProblem& entry = list.emplace_back(GroupedProblem{problem.args});
    set_addresses(inputs, at.outputs[problem.product], problem.offsets, element, entry.product);
  }
  return list;
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_grouped_matmul(const Operator& op, const Target& target) {
  const GroupedMatMul group(op);
  const auto element = element_of(op.inputs[0].dtype);
  Problems problems;
  for (std::size_t i = 0; i < group.products().size(); ++i) {
    if (!element || !add_product(i, group.products()[i], *element, target, problems))
      return nullptr;
  }
  const GemmTile tile = best_tile(problems, *element, target);
  const double together = grouped_seconds(problems.sizes, tile, target.gpu.traits());
  if (together > kLeastGain * problems.seconds_apart) return nullptr;
  const auto add = [=, &gpu = target.gpu, list = std::move(problems.list)](
                       const BoundKernel::Operands& at, LaunchList& launches) {
    std::vector<GroupedProblem> entries = at_addresses(list, *element, at);
    GroupedGemmArgs args;
    args.count = static_cast<int>(entries.size());
    args.tiles = number_tiles(entries, tile);
    if (at.stream != nullptr)  // else nothing is launched
      args.problems = reinterpret_cast<const GroupedProblem*>(
          launches.keep(upload(gpu, std::as_bytes(std::span(entries)))));
    launches.add(launch_grouped_gemm(args, *element, tile, gpu.traits().processors), args);
  };
  return make_launch_kernel({add}, op.inputs.size(), op.outputs.size());
}

}  // namespace braid::cuda
