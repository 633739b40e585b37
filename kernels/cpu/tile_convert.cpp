// Tiles from one type to another, as Cast has it.

#include <cmath>
#include <limits>
#include <type_traits>

#include "kernels/cpu/clones.hpp"
#include "kernels/cpu/tile.hpp"

namespace braid::cpu {
namespace {

struct Bool {
  std::uint8_t value;
};

// What x86's instructions give: the smallest integer for what is out of range.
template <class To, class From>
BRAID_INLINE To truncate_to(From x) {
  constexpr From kLimit = -static_cast<From>(std::numeric_limits<To>::min());
  const bool fits =
      static_cast<bool>(static_cast<int>(x >= -kLimit) & static_cast<int>(x < kLimit));
  const To whole = static_cast<To>(fits ? x : From{});
  return fits ? whole : std::numeric_limits<To>::min();
}

template <class To, class From>
BRAID_INLINE To convert_one(From x) {
  if constexpr (std::is_same_v<From, Bool>) {
    return convert_one<To>(static_cast<std::int32_t>(x.value != 0));
  } else if constexpr (std::is_same_v<To, Bool>) {
    return {static_cast<std::uint8_t>(x != 0)};
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    return truncate_to<To>(x);
  } else {
    return static_cast<To>(x);
  }
}

template <class To, class From>
BRAID_INLINE void convert_all(const TileCall& call, const From* x) {
  To* to = static_cast<To*>(call.to);
#pragma omp simd
  for (std::int64_t i = 0; i < call.count; ++i)
    to[i] = convert_one<To>(x[i]);
}

template <class From>
BRAID_INLINE void convert(const TileCall& call) {
  const From* x = static_cast<const From*>(call.x);
  switch (call.result) {
    case DType::Float32:
      return convert_all<float>(call, x);
    case DType::Float64:
      return convert_all<double>(call, x);
    case DType::Int32:
      return convert_all<std::int32_t>(call, x);
    case DType::Int64:
      return convert_all<std::int64_t>(call, x);
    default:
      return convert_all<Bool>(call, x);
  }
}

}  // namespace

BRAID_CLONES void convert_floats(const TileCall& call) {
  convert<float>(call);
}

BRAID_CLONES void convert_doubles(const TileCall& call) {
  convert<double>(call);
}

BRAID_CLONES void convert_int32s(const TileCall& call) {
  convert<std::int32_t>(call);
}

BRAID_CLONES void convert_int64s(const TileCall& call) {
  convert<std::int64_t>(call);
}

BRAID_CLONES void convert_bools(const TileCall& call) {
  convert<Bool>(call);
}

}  // namespace braid::cpu
