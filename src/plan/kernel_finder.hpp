#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "braid/kernel.hpp"
#include "braid/types.hpp"

namespace braid {

/// What a backend is asked to compute.
struct KernelQuery {
  std::string_view domain;  ///< "" is ai.onnx
  std::string_view op;
  std::int64_t opset = 0;          ///< version of that domain's operator set
  DType dtype = DType::Undefined;  ///< of the first input; Undefined if not known
};

/// Null if the backend does not compute it.
using KernelFinder = std::function<KernelFunction(const KernelQuery&)>;

}  // namespace braid
