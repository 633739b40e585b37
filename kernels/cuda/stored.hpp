#pragma once

#include "kernels/cuda/element.hpp"

namespace braid::cuda {

/// What values are stored as, where integers are, too. A Place is not stored: the element at an
/// offset is that offset, so that the strides of an operand say what it is, such as its row minus
/// its column; only chains take places.
enum class Stored : std::uint8_t { Float, Half, BFloat16, Int32, Int64, Int8, UInt8, Bool, Place };

inline constexpr int kStored = 8;  ///< Place not included

inline constexpr Stored stored_as(Element element) {
  return static_cast<Stored>(element);
}

}  // namespace braid::cuda
