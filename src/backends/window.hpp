#pragma once

#include <cstdint>
#include <vector>

#include "plan/operator.hpp"

namespace braid {

/// How the kernel of a convolution or pooling moves over its input, by spatial axis.
struct WindowSteps {
  std::vector<std::int64_t> kernel;
  std::vector<std::int64_t> strides;
  std::vector<std::int64_t> dilations;
  std::vector<std::int64_t> pads_begin;
  std::vector<std::int64_t> pads_end;  ///< so that input, kernel and output fit
};

/// Reads the attributes of ONNX's convolution and pooling; `input` and `output` are spatial dims.
WindowSteps window_of(const Operator& op, std::vector<std::int64_t> kernel,
                      const std::vector<std::int64_t>& input,
                      const std::vector<std::int64_t>& output);

}  // namespace braid
