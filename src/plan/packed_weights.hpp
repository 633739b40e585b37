#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "braid/tensor.hpp"

namespace braid {

/// Constants as kernels want them, each made once for all Programs of a model.
class PackedWeights {
 public:
  /// The packed form of `weight` called `format`; `pack` makes it if it is not there yet.
  std::shared_ptr<const void> get(const Tensor& weight, const std::string& format,
                                  std::size_t bytes,
                                  const std::function<std::shared_ptr<const void>()>& pack);

  /// The weight as it is, in memory: itself if it is there already.
  Tensor plain(const Tensor& weight);

  std::size_t bytes() const;

 private:
  struct Entry {
    Tensor weight;  ///< keeps its identity from being used again
    std::shared_ptr<const void> packed;
  };

  mutable std::mutex mutex_;
  std::map<std::pair<const void*, std::string>, Entry> entries_;
  std::size_t bytes_ = 0;
};

}  // namespace braid
