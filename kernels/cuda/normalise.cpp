#include "kernels/cuda/normalise.hpp"

#include "kernels/cuda/kernel_names.hpp"
#include "kernels/cuda/launch.hpp"

namespace braid::cuda {
namespace {

constexpr unsigned kThreads = 256;
constexpr int kWarps = kThreads / 32;
constexpr int kLongestForWarp = 1024;
constexpr int kMostSharedBytes = 48 << 10;  // without asking the driver for more

struct RowKernels {
  ElementNames warp;
  ElementNames block;
  ElementNames whole_memory;
};

constexpr RowKernels kNormalise{BRAID_ELEMENT_NAMES("normalise_rows_warp"),
                                BRAID_ELEMENT_NAMES("normalise_rows_block"),
                                BRAID_ELEMENT_NAMES("normalise_rows_long")};
constexpr RowKernels kSoftmax{BRAID_ELEMENT_NAMES("softmax_rows_warp"),
                              BRAID_ELEMENT_NAMES("softmax_rows_block"),
                              BRAID_ELEMENT_NAMES("softmax_rows_long")};

// A warp per row, or a block if the row is long; the row is kept in shared memory if it fits.
Launch launch_rows(const RowKernels& kernels, Element element, int rows, int length) {
  const int bytes = (length + 3) / 4 * 16;
  if (length <= kLongestForWarp) {
    const auto shared = static_cast<unsigned>(kWarps * bytes);
    return {kernels.warp[at(element)], {blocks_for(rows, kWarps)}, {kThreads}, shared};
  }
  if (bytes <= kMostSharedBytes - 64) {
    const auto shared = static_cast<unsigned>(bytes);
    return {kernels.block[at(element)], {blocks_for(rows, 1)}, {kThreads}, shared};
  }
  return {kernels.whole_memory[at(element)], {blocks_for(rows, 1)}, {kThreads}};
}

}  // namespace

Launch launch_normalise_rows(const NormaliseRowsArgs& args, Element element) {
  return launch_rows(kNormalise, element, args.rows, args.length);
}

Launch launch_normalise_groups(NormaliseGroupsArgs& args, Element element) {
  static constexpr ElementNames kNames = BRAID_ELEMENT_NAMES("normalise_groups");
  args.inner = fast_divisor(args.channel_stride < args.pixel_stride ? args.channels : args.pixels);
  return {
      kNames[at(element)], {blocks_for(std::int64_t{args.images} * args.groups, 1)}, {kThreads}};
}

Launch launch_softmax(const SoftmaxArgs& args, Element element) {
  if (args.inner == 1) return launch_rows(kSoftmax, element, args.outer, args.length);
  static constexpr ElementNames kNames = BRAID_ELEMENT_NAMES("softmax_columns");
  constexpr unsigned kColumns = 128;
  return {kNames[at(element)],
          {blocks_for(std::int64_t{args.outer} * args.inner, kColumns)},
          {kColumns}};
}

}  // namespace braid::cuda
