#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "braid/tensor.hpp"

namespace braid {

/// Finite numbers of a constant that a type of fewer bits cannot hold. Safe to use from several
/// threads.
class Overflow {
 public:
  struct Found {
    std::int64_t count = 0;
    float least = 0.0F;  ///< of those numbers
    float greatest = 0.0F;
  };

  void set(const Found& found) {
    const std::lock_guard lock(mutex_);
    found_ = found;
  }
  Found get() const {
    const std::lock_guard lock(mutex_);
    return found_;
  }

 private:
  mutable std::mutex mutex_;
  Found found_;
};

/// The greatest finite number of Float16 or BFloat16.
float largest_of(DType dtype);

/// A Float32 tensor as one of Float16 or BFloat16, rounded to the nearest, ties to even, whenever
/// somebody asks for its bytes. Finite numbers stay finite: what is beyond the range becomes the
/// largest number, and is counted in `overflow`.
Tensor rounded(const Tensor& floats, DType to, std::shared_ptr<Overflow> overflow);

}  // namespace braid
