#include <algorithm>
#include <vector>

#include "kernels/cuda/launch.hpp"

namespace braid::cuda {

std::span<const Kernel> attention_members_kernels();
std::span<const Kernel> attention_members_tensor_kernels();
std::span<const Kernel> columns_kernels();
std::span<const Kernel> conv_members_kernels();
std::span<const Kernel> conv_members_tensor_kernels();
std::span<const Kernel> copy_kernels();
std::span<const Kernel> elementwise_kernels();
std::span<const Kernel> gather_kernels();
std::span<const Kernel> gemm_members_kernels();
std::span<const Kernel> gemm_members_tensor_kernels();
std::span<const Kernel> grouped_gemm_kernels();
std::span<const Kernel> grouped_gemm_tensor_kernels();
std::span<const Kernel> indexed_kernels();
std::span<const Kernel> normalise_kernels();
std::span<const Kernel> pool_kernels();
std::span<const Kernel> recurrent_kernels();
std::span<const Kernel> recurrent_sequence_kernels();
std::span<const Kernel> reduce_kernels();
std::span<const Kernel> resize_kernels();
std::span<const Kernel> reverse_sequence_kernels();
std::span<const Kernel> scan_kernels();
std::span<const Kernel> selection_kernels();
std::span<const Kernel> split_product_kernels();
std::span<const Kernel> split_product_tensor_kernels();

namespace {

using Family = std::span<const Kernel> (*)();
constexpr Family kFamilies[] = {attention_members_kernels,
                                attention_members_tensor_kernels,
                                columns_kernels,
                                conv_members_kernels,
                                conv_members_tensor_kernels,
                                copy_kernels,
                                elementwise_kernels,
                                gather_kernels,
                                gemm_members_kernels,
                                gemm_members_tensor_kernels,
                                grouped_gemm_kernels,
                                grouped_gemm_tensor_kernels,
                                indexed_kernels,
                                normalise_kernels,
                                pool_kernels,
                                recurrent_kernels,
                                recurrent_sequence_kernels,
                                reduce_kernels,
                                resize_kernels,
                                reverse_sequence_kernels,
                                scan_kernels,
                                selection_kernels,
                                split_product_kernels,
                                split_product_tensor_kernels};

}  // namespace

std::span<const Kernel> all_kernels() {
  static const std::vector<Kernel> kernels = [] {
    std::vector<Kernel> all;
    for (const Family family : kFamilies)
      all.insert(all.end(), family().begin(), family().end());
    return all;
  }();
  return kernels;
}

const Kernel* find_kernel(std::string_view name) {
  const auto found = std::ranges::find(all_kernels(), name, &Kernel::name);
  return found == all_kernels().end() ? nullptr : &*found;
}

}  // namespace braid::cuda
