#pragma once

#include <map>
#include <mutex>
#include <string_view>
#include <vector>

#include "backends/cuda/driver/driver_api.hpp"

namespace braid::driver {

/// The kernels in the memory of the device that is current.
class KernelModules {
 public:
  /// Loads all families. Throws Error (Device) if this build has no module of kernels, or the
  /// device takes none of its code.
  KernelModules();

  /// Safe to call from several threads. Throws Error (Device) if there is none of this name.
  Function find(const char* kernel);

 private:
  std::vector<Module> modules_;
  std::mutex mutex_;
  std::map<std::string_view, Function> functions_;
};

}  // namespace braid::driver
