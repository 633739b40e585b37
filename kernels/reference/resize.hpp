#pragma once

#include <cstdint>
#include <vector>

#include "braid/kernel.hpp"

namespace braid::reference {

/// An input element that an output element is made of.
struct Tap {
  std::int64_t index;
  double weight;
};

/// What one output index along an axis is made of; outside: of the extrapolation value instead.
struct Mixture {
  std::vector<Tap> taps;
  bool outside = false;
};

/// Of a Resize, for all axes and their output indices. The data of its first input is not read.
std::vector<std::vector<Mixture>> resize_mixtures(const KernelCall& call);

}  // namespace braid::reference
