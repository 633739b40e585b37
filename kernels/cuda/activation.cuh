#pragma once

#include "kernels/cuda/activation.hpp"
#include "kernels/cuda/device.cuh"

namespace braid::cuda {

__device__ __forceinline__ float sigmoid(float x) {
  return 1.0F / (1.0F + expf(-x));
}

__device__ __forceinline__ float softplus(float x) {
  return fmaxf(x, 0.0F) + log1pf(expf(-fabsf(x)));
}

__device__ __forceinline__ float gelu(float x) {
  return 0.5F * x * (1.0F + erff(x * 0.70710678118654752F));
}

__device__ __forceinline__ float gelu_tanh(float x) {
  return 0.5F * x * (1.0F + tanhf(0.79788456080286536F * (x + 0.044715F * x * x * x)));
}

/// NaN stays NaN, other than with fmaxf.
__device__ __forceinline__ float clip(float x, float low, float high) {
  if (x < low) x = low;
  return x > high ? high : x;
}

// Inlined where it is used: the switch costs a few uniform branches, a call all registers.
__device__ __forceinline__ float activate(Activation activation, float x, float a, float b) {
  switch (activation) {
    case Activation::None:
      return x;
    case Activation::Relu:
      return x < 0.0F ? 0.0F : x;
    case Activation::LeakyRelu:
      return x < 0.0F ? a * x : x;
    case Activation::Clip:
      return clip(x, a, b);
    case Activation::Gelu:
      return gelu(x);
    case Activation::GeluTanh:
      return gelu_tanh(x);
    case Activation::Sigmoid:
      return sigmoid(x);
    case Activation::Silu:
      return x * sigmoid(a * x);
    case Activation::Tanh:
      return tanhf(x);
    case Activation::HardSigmoid:
      return clip(a * x + b, 0.0F, 1.0F);
    case Activation::HardSwish:
      return x * clip(x / 6.0F + 0.5F, 0.0F, 1.0F);
    case Activation::Elu:
      return x < 0.0F ? a * expm1f(x) : x;
    case Activation::Softplus:
      return softplus(x);
    case Activation::Mish:
      return x * tanhf(softplus(x));
  }
  return x;
}

}  // namespace braid::cuda
