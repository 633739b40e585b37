#pragma once

#include <memory>

#include "backends/cuda/gpu.hpp"
#include "braid/device.hpp"

namespace braid {

/// Memory and streams of the device, which outlives it.
std::unique_ptr<DeviceAccess> make_device_access(Gpu& gpu);

}  // namespace braid
