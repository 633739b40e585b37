#pragma once

#include <memory>

#include "backends/cuda/gpu.hpp"
#include "braid/device.hpp"
#include "plan/backend.hpp"

namespace braid {

/// A Program for the caller's memory of the device, which outlives it. Throws Error (Unsupported)
/// that names the steps of the host, if there are any.
std::unique_ptr<DeviceProgram> make_device_program(Gpu& gpu, std::shared_ptr<const Program> program,
                                                   const PortNames& names, Launching launching);

}  // namespace braid
