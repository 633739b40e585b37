#include "kernels/cpu/narrow.hpp"

#include <cstddef>

#include "kernels/cpu/parallel.hpp"
#include "kernels/cpu/tile.hpp"

namespace braid::cpu {
namespace {

template <class T>
BRAID_INLINE void widen_all(std::int64_t count, const T* x, float* y) {
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i)
    y[i] = widen_one(x[i]);
}

template <class T>
BRAID_INLINE void narrow_all(std::int64_t count, const float* x, T* y) {
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i)
    narrow_one(x[i], y[i]);
}

BRAID_CLONES void widen_halves(std::int64_t count, const Half* x, float* y) {
  widen_all(count, x, y);
}

BRAID_CLONES void widen_bfloats(std::int64_t count, const BFloat* x, float* y) {
  widen_all(count, x, y);
}

BRAID_CLONES void narrow_halves(std::int64_t count, const float* x, Half* y) {
  narrow_all(count, x, y);
}

BRAID_CLONES void narrow_bfloats(std::int64_t count, const float* x, BFloat* y) {
  narrow_all(count, x, y);
}

}  // namespace

void widen_tile_of_halves(const TileCall& call) {
  widen_halves(call.count, static_cast<const Half*>(call.x), static_cast<float*>(call.to));
}

void widen_tile_of_bfloats(const TileCall& call) {
  widen_bfloats(call.count, static_cast<const BFloat*>(call.x), static_cast<float*>(call.to));
}

void narrow_tile_to_halves(const TileCall& call) {
  narrow_halves(call.count, static_cast<const float*>(call.x), static_cast<Half*>(call.to));
}

void narrow_tile_to_bfloats(const TileCall& call) {
  narrow_bfloats(call.count, static_cast<const float*>(call.x), static_cast<BFloat*>(call.to));
}

void widen(DType from, std::int64_t count, const std::byte* x, float* y) {
  parallel_ranges(count, 1, [&](std::int64_t first, std::int64_t last) {
    if (from == DType::Float16) {
      widen_halves(last - first, reinterpret_cast<const Half*>(x) + first, y + first);
    } else {
      widen_bfloats(last - first, reinterpret_cast<const BFloat*>(x) + first, y + first);
    }
  });
}

void narrow(DType to, std::int64_t count, const float* x, std::byte* y) {
  parallel_ranges(count, 1, [&](std::int64_t first, std::int64_t last) {
    if (to == DType::Float16) {
      narrow_halves(last - first, x + first, reinterpret_cast<Half*>(y) + first);
    } else {
      narrow_bfloats(last - first, x + first, reinterpret_cast<BFloat*>(y) + first);
    }
  });
}

}  // namespace braid::cpu
