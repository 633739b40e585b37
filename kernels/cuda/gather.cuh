#pragma once

#include "kernels/cuda/find_place.cuh"
#include "kernels/cuda/gather.hpp"
#include "kernels/cuda/scalar.cuh"

namespace braid::cuda {

/// One unit of a block per thread. T is of the unit's size.
template <class T>
struct Gather {
  using Args = GatherArgs;
  static constexpr int kThreads = 256;
  static constexpr int kBlocks = 4;

  __device__ static void run(const Args& args) {
    const std::int64_t thread = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    const int units = args.block_bytes / static_cast<int>(sizeof(T));
    std::int64_t rest = thread / units;
    const int unit = static_cast<int>(thread % units);
    const int picked = static_cast<int>(rest % args.count);
    rest /= args.count;
    const int outer = static_cast<int>(rest % args.outer);
    rest /= args.outer;
    if (rest >= args.members) return;
    const int place =
        find_place(args.indices, args.is_wide, rest * args.indices_member + picked, args.dim);
    T value{};
    if (place >= 0) {
      const auto* const table =
          static_cast<const unsigned char*>(args.from) + rest * args.from_member;
      const std::int64_t row = std::int64_t{outer} * args.dim + place;
      value = reinterpret_cast<const T*>(table)[row * units + unit];
    } else if (args.bad != nullptr) {
      *args.bad = 1;
    }
    static_cast<T*>(args.to)[thread] = value;
  }
};

/// Four elements of a position per thread.
template <class T>
struct Embedding {
  using Args = EmbeddingArgs;
  static constexpr int kThreads = 128;
  static constexpr int kBlocks = 8;

  __device__ static void run(const Args& args) {
    const std::int64_t thread = std::int64_t{blockIdx.x} * kThreads + threadIdx.x;
    const int packs = (args.length + 3) / 4;
    const int column = static_cast<int>(thread % packs) * 4;
    const std::int64_t row = thread / packs;
    const int position = static_cast<int>(row % args.positions);
    const std::int64_t member = row / args.positions;
    if (member >= args.members) return;
    Floats sum{};
    for (int i = 0; i < args.count; ++i) {
      const EmbeddingTable& table = args.tables[i];
      const int place = table.indices == nullptr
                            ? position % table.rows
                            : find_place(table.indices, table.is_wide,
                                         member * table.indices_member + position, table.rows);
      if (place < 0) {
        if (args.bad != nullptr) *args.bad = 1;
        continue;
      }
      const T* const from = static_cast<const T*>(table.data) + member * table.member +
                            std::int64_t{place} * args.length + column;
      const Floats value = load_some(from, 1, args.length - column);
      BRAID_UNROLL
      for (int k = 0; k < 4; ++k)
        sum.at[k] += value.at[k];
    }
    T* const to = static_cast<T*>(args.y) + row * args.length + column;
    store_some(to, 1, args.length - column, sum);
  }
};

}  // namespace braid::cuda
