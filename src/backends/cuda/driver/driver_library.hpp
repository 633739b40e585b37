#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "backends/cuda/driver/cublas_lt_api.hpp"
#include "backends/cuda/library_product.hpp"

namespace braid::driver {

/// cuBLASLt on the device whose context is current when its functions are called. Safe to use from
/// several threads.
class DriverLibrary {
 public:
  DriverLibrary() = default;
  DriverLibrary(const DriverLibrary&) = delete;
  DriverLibrary& operator=(const DriverLibrary&) = delete;

  /// As Gpu::library_products() has it.
  std::vector<std::shared_ptr<const LibraryProduct>> products(const ProductLayout& layout);

  /// Puts the product into a stream of the driver. Throws Error (Device) if the library refuses it.
  void multiply(const LibraryProduct& product, const ProductAddresses& at, void* stream);

 private:
  cublas_lt::Handle handle();

  std::mutex mutex_;
  bool is_open_ = false;
  // Null if the library is not there or does not work. Never destroyed: when the process ends, what
  // the library needs for that may be gone.
  cublas_lt::Handle handle_ = nullptr;
};

}  // namespace braid::driver
