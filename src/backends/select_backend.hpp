#pragma once

#include "braid/compile.hpp"
#include "plan/backend.hpp"

namespace braid {

/// The backend of a device. Throws Error (Device) if this build or this machine lacks it, and Error
/// (Usage) if it has no such precision or nothing to tune.
const Backend& select_backend(Device device, Precision precision, const Tuning& tuning);

}  // namespace braid
