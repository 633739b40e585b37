#pragma once

#include "kernels/cuda/device.cuh"

/// Values as they are stored, and the floats that kernels compute with.
namespace braid::cuda {

__device__ __forceinline__ float infinity() {
  return __int_as_float(0x7F800000);
}

__device__ __forceinline__ float to_float(float value) {
  return value;
}
__device__ __forceinline__ float to_float(__half value) {
  return __half2float(value);
}
__device__ __forceinline__ float to_float(__nv_bfloat16 value) {
  return __bfloat162float(value);
}

template <class T>
__device__ __forceinline__ T from_float(float value);
template <>
__device__ __forceinline__ float from_float<float>(float value) {
  return value;
}
template <>
__device__ __forceinline__ __half from_float<__half>(float value) {
  return __float2half_rn(value);
}
template <>
__device__ __forceinline__ __nv_bfloat16 from_float<__nv_bfloat16>(float value) {
  return __float2bfloat16_rn(value);
}

/// Elements that one instruction loads or stores.
template <class T, int kCount>
struct alignas(sizeof(T) * kCount) Pack {
  T at[kCount];
};

/// Four floats in registers.
using Floats = Pack<float, 4>;

template <class T>
__device__ __forceinline__ bool is_pack_aligned(const T* address) {
  return reinterpret_cast<std::uintptr_t>(address) % sizeof(Pack<T, 4>) == 0;
}

template <class T>
__device__ __forceinline__ Floats load_pack(const T* from) {
  const Pack<T, 4> pack = *reinterpret_cast<const Pack<T, 4>*>(from);
  return {to_float(pack.at[0]), to_float(pack.at[1]), to_float(pack.at[2]), to_float(pack.at[3])};
}

template <class T>
__device__ __forceinline__ void store_pack(T* to, const Floats& value) {
  *reinterpret_cast<Pack<T, 4>*>(to) = {from_float<T>(value.at[0]), from_float<T>(value.at[1]),
                                        from_float<T>(value.at[2]), from_float<T>(value.at[3])};
}

/// The first `count` of four elements that lie `stride` apart; the others are 0.
template <class T>
__device__ __forceinline__ Floats load_some(const T* from, std::int64_t stride, int count) {
  if (count >= 4 && stride == 1 && is_pack_aligned(from)) return load_pack(from);
  Floats value;
  BRAID_UNROLL
  for (int i = 0; i < 4; ++i)
    value.at[i] = i < count ? to_float(from[i * stride]) : 0.0F;
  return value;
}

template <class T>
__device__ __forceinline__ void store_some(T* to, std::int64_t stride, int count,
                                           const Floats& value) {
  if (count >= 4 && stride == 1 && is_pack_aligned(to)) {
    store_pack(to, value);
    return;
  }
  BRAID_UNROLL
  for (int i = 0; i < 4; ++i)
    if (i < count) to[i * stride] = from_float<T>(value.at[i]);
}

}  // namespace braid::cuda
