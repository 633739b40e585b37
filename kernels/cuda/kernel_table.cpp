#include <algorithm>
#include <vector>

#include "kernels/cuda/launch.hpp"

namespace braid::cuda {

std::span<const Kernel> attention_members_kernels();
std::span<const Kernel> conv_members_kernels();
std::span<const Kernel> elementwise_kernels();
std::span<const Kernel> gemm_members_kernels();
std::span<const Kernel> normalise_kernels();

namespace {

using Family = std::span<const Kernel> (*)();
constexpr Family kFamilies[] = {attention_members_kernels, conv_members_kernels,
                                elementwise_kernels, gemm_members_kernels, normalise_kernels};

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
