#include "kernels/cuda/attention_members.hpp"

#include <algorithm>
#include <stdexcept>

#include "kernels/cuda/attention_shape.hpp"
#include "kernels/cuda/kernel_names.hpp"
#include "kernels/cuda/launch.hpp"

namespace braid::cuda {
namespace {

struct HeadKernel {
  int size;
  ElementNames names;
  int queries;
  unsigned threads;
};

template <class Shape>
constexpr HeadKernel kernel_of(const char* f32, const char* f16, const char* bf16) {
  return {Shape::kSize, {f32, f16, bf16}, Shape::kQueries, Shape::kThreads};
}

// By ascending size.
#define BRAID_HEAD_NAMES(stem) stem "_f32", stem "_f16", stem "_bf16"
constexpr HeadKernel kHeads[] = {
    kernel_of<Attention32>(BRAID_HEAD_NAMES("attention_members_32")),
    kernel_of<Attention64>(BRAID_HEAD_NAMES("attention_members_64")),
    kernel_of<Attention80>(BRAID_HEAD_NAMES("attention_members_80")),
    kernel_of<Attention128>(BRAID_HEAD_NAMES("attention_members_128"))};
#undef BRAID_HEAD_NAMES

}  // namespace

Launch launch_attention_members(const AttentionMembersArgs& args, Element element) {
  const int size = std::max(args.size, args.value_size);
  const auto* const head = std::ranges::find_if(
      kHeads, [size](const HeadKernel& kernel) { return size <= kernel.size; });
  if (head == std::end(kHeads)) throw std::invalid_argument("attention with heads this large");
  const std::int64_t tiles = (args.queries + head->queries - 1) / head->queries;
  return {head->names[at(element)],
          {blocks_for(tiles * args.heads * args.batch * args.members, 1)},
          {head->threads}};
}

}  // namespace braid::cuda
