#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "kernels/cuda/emulator/block.hpp"
#include "kernels/cuda/emulator/half.hpp"

// What CUDA C++ has beyond C++, as far as the kernels use it. Warps are always whole: the masks of
// warp functions name all lanes and are not looked at.
#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __restrict__ __restrict
#define threadIdx (::braid::cuda::emulator::Block::current().thread_index())
#define blockIdx (::braid::cuda::emulator::Block::current().block_index())
#define blockDim (::braid::cuda::emulator::Block::current().block_size())
#define gridDim (::braid::cuda::emulator::Block::current().grid_size())

inline void __syncthreads(const char* place = __builtin_FUNCTION()) {
  braid::cuda::emulator::Block::current().sync_block(place);
}

inline void __syncwarp(unsigned = ~0U, const char* place = __builtin_FUNCTION()) {
  braid::cuda::emulator::Block::current().sync_warp(place);
}

template <class T>
T __shfl_sync(unsigned, T value, unsigned lane, const char* place = __builtin_FUNCTION()) {
  return braid::cuda::emulator::Block::current().exchange(value, lane, place);
}

template <class T>
T __shfl_xor_sync(unsigned, T value, unsigned mask, const char* place = __builtin_FUNCTION()) {
  auto& block = braid::cuda::emulator::Block::current();
  return block.exchange(value, block.lane() ^ mask, place);
}

template <class T>
T __shfl_down_sync(unsigned, T value, unsigned distance, const char* place = __builtin_FUNCTION()) {
  auto& block = braid::cuda::emulator::Block::current();
  return block.exchange(value, std::min(block.lane() + distance, 31U), place);
}

template <class T>
T __shfl_up_sync(unsigned, T value, unsigned distance, const char* place = __builtin_FUNCTION()) {
  auto& block = braid::cuda::emulator::Block::current();
  return block.exchange(value, block.lane() - std::min(block.lane(), distance), place);
}

template <class T>
T __ldg(const T* address) {
  return *address;
}

// Threads of the host do not interrupt each other.
template <class T>
T atomicAdd(T* address, T value) {
  const T before = *address;
  *address = before + value;
  return before;
}

template <class T>
T atomicMax(T* address, T value) {
  const T before = *address;
  *address = std::max(before, value);
  return before;
}

inline unsigned __umulhi(unsigned a, unsigned b) {
  return static_cast<unsigned>((std::uint64_t{a} * b) >> 32);
}

inline float __int_as_float(int bits) {
  return std::bit_cast<float>(bits);
}

inline int __float_as_int(float value) {
  return std::bit_cast<int>(value);
}

inline float rsqrtf(float value) {
  return 1.0F / std::sqrt(value);
}
