#pragma once

#include "property/case.hpp"

namespace braid::property {

/// A random case: equal seeds give equal cases on every machine. Every node of it computes, and
/// passes ONNX's own checks.
Case generate(std::uint64_t seed);

}  // namespace braid::property
