#pragma once

#include "braid/compile.hpp"
#include "plan/backend.hpp"

namespace braid {

/// The backend of a device. Throws Error (Device) if this build or this machine lacks it.
const Backend& select_backend(Device device);

}  // namespace braid
