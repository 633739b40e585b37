#include "kernels/cuda/emulator/emulator.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "kernels/cuda/device.cuh"
#include "kernels/cuda/scalar.cuh"

namespace braid::cuda {
namespace {

using emulator::EmulatorError;
using emulator::Order;

constexpr int kThreads = 96;

constexpr Order kOrders[] = {Order::Forward, Order::Backward,   Order::Alternating,
                             Order::Random,  Order::WarpByWarp, Order::WarpByWarpBackward};

Launch launch_of(Size3 grid, Size3 block, unsigned shared_bytes = 0) {
  return {"test", grid, block, shared_bytes};
}

// Each thread takes what its neighbour has put into shared memory.
template <bool kHasBarrier>
void rotate(const float* from, float* to) {
  struct Row {
    float at[kThreads];
  };
  BRAID_SHARED(Row, row);
  row.at[threadIdx.x] = from[threadIdx.x];
  if (kHasBarrier) __syncthreads();
  to[threadIdx.x] = row.at[(threadIdx.x + 1) % kThreads];
}

template <bool kHasBarrier>
bool rotates(Order order) {
  std::vector<float> from(kThreads);
  std::vector<float> to(kThreads, NAN);
  for (int i = 0; i < kThreads; ++i)
    from[i] = static_cast<float>(i);
  emulator::launch(launch_of({1}, {kThreads}), [&] { rotate<kHasBarrier>(from.data(), to.data()); },
                   {order});
  for (int i = 0; i < kThreads; ++i) {
    if (to[i] != static_cast<float>((i + 1) % kThreads)) return false;
  }
  return true;
}

TEST(Emulator, KeepsBarriers) {
  for (const Order order : kOrders)
    EXPECT_TRUE(rotates<true>(order));
}

TEST(Emulator, ShowsAMissingBarrier) {
  for (const Order order : kOrders)
    EXPECT_FALSE(rotates<false>(order));
}

// The second barrier keeps a thread that is ahead from overwriting what others still read: it shows
// only where that thread runs first.
template <bool kHasBarrier>
bool sums_twice(Order order) {
  std::vector<float> sums(kThreads, NAN);
  const auto run = [&] {
    struct Value {
      float value;
    };
    BRAID_SHARED(Value, shared);
    float sum = 0.0F;
    for (int i = 0; i < 2; ++i) {
      if (threadIdx.x == 0) shared.value = static_cast<float>(i + 1);
      __syncthreads();
      sum += shared.value;
      if (kHasBarrier) __syncthreads();
    }
    sums[threadIdx.x] = sum;
  };
  emulator::launch(launch_of({1}, {kThreads}), run, {order});
  return std::set<float>(sums.begin(), sums.end()) == std::set<float>{3.0F};
}

TEST(Emulator, ShowsAMissingSecondBarrier) {
  EXPECT_TRUE(sums_twice<true>(Order::Forward));
  EXPECT_TRUE(sums_twice<true>(Order::Random));
  EXPECT_FALSE(sums_twice<false>(Order::Forward));
  EXPECT_FALSE(sums_twice<false>(Order::Random));
}

// Each warp reads what the next one has written, and then writes anew: the warps must wait for each
// other in between. They go in step by themselves where every warp gets its turn.
template <bool kHasBarrier>
bool waits_for_warps(Order order) {
  std::vector<float> seen(kThreads, NAN);
  const auto run = [&] {
    struct Row {
      float at[kThreads];
    };
    BRAID_SHARED(Row, row);
    row.at[threadIdx.x] = 1.0F;
    __syncthreads();
    seen[threadIdx.x] = row.at[(threadIdx.x + 32) % kThreads];
    if (kHasBarrier) __syncthreads();
    __syncwarp();
    row.at[threadIdx.x] = 2.0F;
  };
  emulator::launch(launch_of({1}, {kThreads}), run, {order});
  return std::set<float>(seen.begin(), seen.end()) == std::set<float>{1.0F};
}

TEST(Emulator, LetsAWarpRunAhead) {
  for (const Order order : kOrders)
    EXPECT_TRUE(waits_for_warps<true>(order));
  EXPECT_TRUE(waits_for_warps<false>(Order::Forward));
  EXPECT_FALSE(waits_for_warps<false>(Order::WarpByWarp));
  EXPECT_FALSE(waits_for_warps<false>(Order::WarpByWarpBackward));
}

TEST(Emulator, PoisonsSharedMemoryForEachBlock) {
  struct Value {
    float value;
  };
  int poisoned = 0;
  const auto run = [&] {
    BRAID_SHARED(Value, shared);
    BRAID_DYNAMIC_SHARED(float, dynamic);
    if (std::isnan(shared.value) && std::isnan(dynamic[3])) ++poisoned;
    shared.value = 1.0F;
    dynamic[3] = 1.0F;
  };
  emulator::launch(launch_of({2, 3, 4}, {1}, 16), run);
  EXPECT_EQ(poisoned, 24);
}

TEST(Emulator, NumbersThreadsAndBlocks) {
  std::set<std::vector<unsigned>> seen;
  emulator::launch(launch_of({2, 3, 2}, {4, 3, 2}), [&] {
    EXPECT_EQ(blockDim.y, 3U);
    EXPECT_EQ(gridDim.y, 3U);
    seen.insert({blockIdx.x, blockIdx.y, blockIdx.z, threadIdx.x, threadIdx.y, threadIdx.z});
  });
  EXPECT_EQ(seen.size(), 2U * 3 * 2 * 4 * 3 * 2);
}

TEST(Emulator, ExchangesValuesInAWarp) {
  std::vector<int> sums(64, 0);
  const auto run = [&] {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    int sum = static_cast<int>(threadIdx.x);
    for (unsigned mask = 16; mask > 0; mask /= 2)
      sum += __shfl_xor_sync(0xFFFFFFFF, sum, mask);
    const int next = __shfl_down_sync(0xFFFFFFFF, lane, 1);
    const int third = __shfl_sync(0xFFFFFFFF, lane, 3);
    EXPECT_EQ(next, lane < 31 ? lane + 1 : 31);
    EXPECT_EQ(third, 3);
    sums[threadIdx.x] = sum;
  };
  emulator::launch(launch_of({1}, {64}), run, {Order::Random, 3});
  EXPECT_EQ(sums[5], 31 * 32 / 2);
  EXPECT_EQ(sums[40], 31 * 32 / 2 + 32 * 32);
}

TEST(Emulator, RefusesAShuffleThatNotAllTakePartIn) {
  const auto run = [] {
    if (threadIdx.x % 32 < 16) __shfl_xor_sync(0xFFFFFFFF, 1, 16);
  };
  EXPECT_THROW(emulator::launch(launch_of({1}, {64}), run), EmulatorError);
}

TEST(Emulator, RefusesThreadsAtDifferentBarriers) {
  const auto run = [] {
    if (threadIdx.x < 40) {
      __syncthreads();
    } else {
      __syncwarp();
      __syncthreads();
      __syncwarp();
    }
    if (threadIdx.x == 50) __syncthreads();
    __syncwarp();
  };
  const auto stuck = [] {
    if (threadIdx.x == 1) {
      __syncwarp();
    } else {
      __syncthreads();
    }
  };
  EXPECT_NO_THROW(emulator::launch(launch_of({1}, {64}), [] { __syncthreads(); }));
  EXPECT_THROW(emulator::launch(launch_of({2}, {64}), stuck), EmulatorError);
  EXPECT_THROW(emulator::launch(launch_of({1}, {64}), run), EmulatorError);
  EXPECT_NO_THROW(emulator::launch(launch_of({1}, {64}), [] { __syncthreads(); }));
}

TEST(Emulator, RefusesUnknownKernels) {
  EXPECT_THROW(emulator::launch(launch_of({1}, {1}), nullptr), std::invalid_argument);
}

TEST(Emulator, RoundsHalves) {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const __half half{static_cast<std::uint16_t>(bits)};
    const float value = __half2float(half);
    if (std::isnan(value)) continue;
    EXPECT_EQ(__float2half_rn(value).bits, bits);
    EXPECT_EQ(__float2half_rn(value).bits,
              std::bit_cast<std::uint16_t>(static_cast<_Float16>(value)));
    const float above = std::nextafterf(value, INFINITY);
    EXPECT_EQ(__float2half_rn(above).bits,
              std::bit_cast<std::uint16_t>(static_cast<_Float16>(above)));
  }
  EXPECT_EQ(__bfloat162float(__float2bfloat16_rn(1.0F + 0x1p-8F)), 1.0F);
  EXPECT_EQ(__bfloat162float(__float2bfloat16_rn(1.0F + 0x1.8p-8F)), 1.0F + 0x1p-7F);
  EXPECT_TRUE(std::isnan(__bfloat162float(__float2bfloat16_rn(NAN))));
  EXPECT_TRUE(std::isnan(__half2float(__float2half_rn(NAN))));
  EXPECT_TRUE(std::isinf(__half2float(__float2half_rn(65520.0F))));
}

}  // namespace
}  // namespace braid::cuda
