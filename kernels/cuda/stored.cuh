#pragma once

#include "kernels/cuda/integer_arithmetic.cuh"
#include "kernels/cuda/scalar.cuh"
#include "kernels/cuda/stored.hpp"

/// Values whose type is known at run time only, as what is computed in: float, or integers.
namespace braid::cuda {

/// A bool in memory: what is not 0 is stored as 1.
struct Truth {
  std::uint8_t value;
};

template <class C, class T>
__device__ __forceinline__ C to_computed(T value) {
  return static_cast<C>(value);
}
template <class C>
__device__ __forceinline__ C to_computed(__half value) {
  return static_cast<C>(to_float(value));
}
template <class C>
__device__ __forceinline__ C to_computed(__nv_bfloat16 value) {
  return static_cast<C>(to_float(value));
}

template <class C>
__device__ __forceinline__ C to_computed(Truth value) {
  return static_cast<C>(value.value != 0);
}

/// Towards zero; the smallest integer if that is none of 64 bits, as on most processors.
__device__ __forceinline__ Integer integer_of(float value) {
  return fabsf(value) < 9223372036854775808.0F ? static_cast<Integer>(value)
                                               : -9223372036854775807LL - 1;
}

/// The same with 32 bits.
__device__ __forceinline__ Integer int32_of(float value) {
  const Integer wide = integer_of(value);
  return wide == static_cast<std::int32_t>(wide) ? wide : -2147483647LL - 1;
}

template <class T>
struct Storing {
  __device__ __forceinline__ static T from(Integer value) { return static_cast<T>(value); }
  __device__ __forceinline__ static T from(float value) {
    return static_cast<T>(sizeof(T) == 8 ? integer_of(value) : int32_of(value));
  }
};
template <>
struct Storing<float> {
  template <class C>
  __device__ __forceinline__ static float from(C value) {
    return static_cast<float>(value);
  }
};
template <>
struct Storing<Truth> {
  template <class C>
  __device__ __forceinline__ static Truth from(C value) {
    return {static_cast<std::uint8_t>(value != 0)};
  }
};
template <>
struct Storing<__half> {
  template <class C>
  __device__ __forceinline__ static __half from(C value) {
    return __float2half_rn(static_cast<float>(value));
  }
};
template <>
struct Storing<__nv_bfloat16> {
  template <class C>
  __device__ __forceinline__ static __nv_bfloat16 from(C value) {
    return __float2bfloat16_rn(static_cast<float>(value));
  }
};

__device__ __forceinline__ bool is_floating(Stored stored) {
  return stored == Stored::Float || stored == Stored::Half || stored == Stored::BFloat16;
}

template <class T>
struct Typed {
  using Type = T;
};

/// Calls `what` with the type that is stored.
template <class F>
__device__ __forceinline__ void with_stored(Stored stored, F&& what) {
  switch (stored) {
    case Stored::Float:
      return what(Typed<float>{});
    case Stored::Half:
      return what(Typed<__half>{});
    case Stored::BFloat16:
      return what(Typed<__nv_bfloat16>{});
    case Stored::Int32:
      return what(Typed<std::int32_t>{});
    case Stored::Int64:
      return what(Typed<std::int64_t>{});
    case Stored::Int8:
      return what(Typed<std::int8_t>{});
    case Stored::UInt8:
      return what(Typed<std::uint8_t>{});
    case Stored::Bool:
      return what(Typed<Truth>{});
    case Stored::Place:
      return;
  }
}

/// `kWidth` elements that lie `stride` apart.
template <class C, int kWidth>
__device__ __forceinline__ Pack<C, kWidth> load_stored(const void* data, Stored stored,
                                                       std::int64_t offset, int stride) {
  Pack<C, kWidth> value{};
  if (stored == Stored::Place) {
    BRAID_UNROLL
    for (int i = 0; i < kWidth; ++i)
      value.at[i] = static_cast<C>(offset + std::int64_t{i} * stride);
    return value;
  }
  with_stored(stored, [&](auto typed) {
    using T = typename decltype(typed)::Type;
    const T* const from = static_cast<const T*>(data) + offset;
    if (stride == 1 && reinterpret_cast<std::uintptr_t>(from) % sizeof(Pack<T, kWidth>) == 0) {
      const Pack<T, kWidth> pack = *reinterpret_cast<const Pack<T, kWidth>*>(from);
      BRAID_UNROLL
      for (int i = 0; i < kWidth; ++i)
        value.at[i] = to_computed<C>(pack.at[i]);
      return;
    }
    BRAID_UNROLL
    for (int i = 0; i < kWidth; ++i)
      value.at[i] = to_computed<C>(from[std::int64_t{i} * stride]);
  });
  return value;
}

/// The first `count` of `kWidth` elements, one after the other.
template <class C, int kWidth>
__device__ __forceinline__ void store_stored(void* data, Stored stored, std::int64_t offset,
                                             int count, const Pack<C, kWidth>& value) {
  with_stored(stored, [&](auto typed) {
    using T = typename decltype(typed)::Type;
    T* const to = static_cast<T*>(data) + offset;
    if (count >= kWidth && reinterpret_cast<std::uintptr_t>(to) % sizeof(Pack<T, kWidth>) == 0) {
      Pack<T, kWidth> pack;
      BRAID_UNROLL
      for (int i = 0; i < kWidth; ++i)
        pack.at[i] = Storing<T>::from(value.at[i]);
      *reinterpret_cast<Pack<T, kWidth>*>(to) = pack;
      return;
    }
    BRAID_UNROLL
    for (int i = 0; i < kWidth; ++i)
      if (i < count) to[i] = Storing<T>::from(value.at[i]);
  });
}

}  // namespace braid::cuda
