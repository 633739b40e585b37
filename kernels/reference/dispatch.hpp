#pragma once

#include <cstdint>
#include <string>

#include "braid/kernel.hpp"
#include "braid/types.hpp"

namespace braid::reference {

/// A stored bool. Files may hold other bytes than 0 and 1, which a C++ bool must not.
struct Bool {
  std::uint8_t value;
};

template <class T>
struct Tag {
  using type = T;
};

/// Sets of element types, to be added up.
enum Accepted : unsigned {
  kFloats = 1,    ///< 16 to 64 bits
  kSigned = 2,    ///< 8 to 64 bits
  kUnsigned = 4,  ///< 8 to 64 bits
  kBools = 8,
  kIntegers = kSigned | kUnsigned,
  kNumbers = kFloats | kIntegers,
  kAll = kNumbers | kBools,
};

/// The one set that `dtype` belongs to; 0 for types that no kernel computes with.
inline unsigned family_of(DType dtype) {
  switch (dtype) {
    case DType::Float16:
    case DType::BFloat16:
    case DType::Float32:
    case DType::Float64:
      return kFloats;
    case DType::Int8:
    case DType::Int16:
    case DType::Int32:
    case DType::Int64:
      return kSigned;
    case DType::UInt8:
    case DType::UInt16:
    case DType::UInt32:
    case DType::UInt64:
      return kUnsigned;
    case DType::Bool:
      return kBools;
    default:
      return 0;
  }
}

[[noreturn]] inline void fail_type(const KernelCall& call, DType dtype) {
  call.fail("type " + std::string(dtype_name(dtype)) + " is not supported");
}

inline void require_type(const KernelCall& call, DType dtype, unsigned accepted) {
  if ((family_of(dtype) & accepted) == 0) fail_type(call, dtype);
}

/// Calls f(Tag<W>{}) with the type that elements are computed in: double for floating point, int64
/// for signed integers, uint64 for unsigned ones and bools. Three instantiations per kernel instead
/// of thirteen; each value is rounded or wrapped once, when it is stored.
template <class F>
void dispatch_wide(const KernelCall& call, DType dtype, unsigned accepted, const F& f) {
  require_type(call, dtype, accepted);
  switch (family_of(dtype)) {
    case kFloats:
      f(Tag<double>{});
      break;
    case kSigned:
      f(Tag<std::int64_t>{});
      break;
    default:
      f(Tag<std::uint64_t>{});
      break;
  }
}

}  // namespace braid::reference
