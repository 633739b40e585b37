#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "braid/tensor.hpp"
#include "plan/narrow/region.hpp"

namespace braid {

/// Regions of constants, each cut once for all Programs of a model, so that kernels find what they
/// have packed of it.
class CutConstants {
 public:
  /// The region as a tensor of its own; it borrows the bytes where they lie in memory in one piece.
  /// Nothing for elements that are not whole bytes, for strings, and for weights without data.
  std::optional<Tensor> get(const Tensor& whole, const Region& region);

 private:
  struct Entry {
    Tensor whole;  ///< keeps its identity from being used again
    Tensor part;
  };

  using Key = std::pair<const void*, std::vector<std::vector<std::int64_t>>>;

  std::mutex mutex_;
  std::map<Key, Entry> entries_;
};

}  // namespace braid
