#pragma once

#include <functional>

#include "backends/cuda/driver/driver_api.hpp"

namespace braid::driver {

/// Puts work into a stream of the fake driver, as other libraries do with the real one.
Result add_work(Stream stream, std::function<void()> piece);

}  // namespace braid::driver
