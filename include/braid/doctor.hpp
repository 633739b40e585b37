#pragma once

#include <string>
#include <vector>

#include "braid/compile.hpp"

namespace braid {

/// Something that a device needs, found on this machine or not.
struct Finding {
  std::string what;  ///< "CUDA driver"
  bool is_there = false;
  std::string detail = {};  ///< what was found, or why not and what to do
};

/// What there is for Device::Cuda: driver, kernels, devices, and the compiler that builds kernels.
std::vector<Finding> examine_cuda();

/// How one family of kernels did on a device, on a small model with seeded inputs.
struct KernelCheck {
  std::string family;
  std::vector<std::string> kernels;  ///< of the model's steps
  double error = 0;  ///< largest |result - reference| / (1 + |reference|); NaN where it fails
  bool passed = false;
  std::string failure;  ///< what was thrown; empty if nothing
};

/// Runs all families on the device and on Device::Reference. Throws Error (Device) if the device is
/// not there.
std::vector<KernelCheck> check_kernels(Device device);

}  // namespace braid
