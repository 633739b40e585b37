#pragma once

#include <string_view>

#include "plan/kernel_finder.hpp"

namespace braid {

/// Where kernels come from. A backend adds a folder here and a line in select_backend().
class Backend {
 public:
  Backend() = default;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  virtual ~Backend() = default;

  /// As the command line spells it.
  virtual std::string_view name() const = 0;

  /// Null if this backend does not compute it.
  virtual KernelFunction find_kernel(const KernelQuery& query) const = 0;
};

}  // namespace braid
