#include "kernels/cuda/attention_members.hpp"

#include <algorithm>
#include <span>
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

constexpr HeadKernel kTensorHeads[] = {
    kernel_of<TensorAttention64>("attention_members_tensor_64_tf32",
                                 "attention_members_tensor_64_f16",
                                 "attention_members_tensor_64_bf16"),
    kernel_of<TensorAttention128>("", "attention_members_tensor_128_f16",
                                  "attention_members_tensor_128_bf16")};
constexpr HeadKernel kTensorHeadsOfFloats[] = {
    kTensorHeads[0],
    kernel_of<TensorAttention128OfFloats>("attention_members_tensor_128_tf32", "", "")};

Launch launch_heads(const AttentionMembersArgs& args, Element element,
                    std::span<const HeadKernel> heads) {
  const int size = std::max(args.size, args.value_size);
  const auto head =
      std::ranges::find_if(heads, [size](const HeadKernel& kernel) { return size <= kernel.size; });
  if (head == heads.end()) throw std::invalid_argument("attention with heads this large");
  const std::int64_t tiles = (args.queries + head->queries - 1) / head->queries;
  return {head->names[at(element)],
          {blocks_for(tiles * args.heads * args.batch * args.members, 1)},
          {head->threads}};
}

}  // namespace

Launch launch_attention_members(const AttentionMembersArgs& args, Element element) {
  return launch_heads(args, element, kHeads);
}

Launch launch_attention_members_tensor(const AttentionMembersArgs& args, Element element) {
  return element == Element::Float ? launch_heads(args, element, kTensorHeadsOfFloats)
                                   : launch_heads(args, element, kTensorHeads);
}

}  // namespace braid::cuda
