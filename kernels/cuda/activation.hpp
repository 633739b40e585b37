#pragma once

#include "kernels/cuda/integers.hpp"

namespace braid::cuda {

/// What an epilogue ends with; `a` and `b` are its parameters.
enum class Activation : std::uint8_t {
  None,
  Relu,
  LeakyRelu,  ///< x or a x
  Clip,       ///< to [a, b]
  Gelu,       ///< with erf
  GeluTanh,
  Sigmoid,
  Silu,  ///< x sigmoid(a x)
  Tanh,
  HardSigmoid,  ///< max(0, min(1, a x + b))
  HardSwish,    ///< x HardSigmoid(x), with 1/6 and 1/2
  Elu,          ///< x or a (e^x - 1)
  Softplus,
  Mish,
};

}  // namespace braid::cuda
