#include "kernels/cuda/selection.hpp"

#include "kernels/cuda/kernel_names.hpp"
#include "kernels/cuda/launch.hpp"

namespace braid::cuda {
namespace {

constexpr unsigned kThreads = 256;

std::int64_t rows_of(const SelectionArgs& args) {
  return std::int64_t{args.outer} * args.inner;
}

}  // namespace

Launch launch_top_k(const SelectionArgs& args, Stored stored) {
  static constexpr StoredNames kNames = BRAID_STORED_NAMES("top_k");
  return {kNames[at(stored)], {blocks_for(rows_of(args), 1)}, {kThreads}};
}

Launch launch_arg_extremum(const SelectionArgs& args, Stored stored) {
  static constexpr StoredNames kNames = BRAID_STORED_NAMES("arg_extremum");
  return {kNames[at(stored)], {blocks_for(rows_of(args), kThreads / 32)}, {kThreads}};
}

}  // namespace braid::cuda
