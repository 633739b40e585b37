#pragma once

#include "backends/backend.hpp"
#include "braid/compile.hpp"

namespace braid {

/// The backend of a device. Throws Error (Device) if this build or this machine lacks it.
const Backend& select_backend(Device device);

}  // namespace braid
