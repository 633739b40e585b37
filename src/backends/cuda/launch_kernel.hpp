#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backends/cuda/library_product.hpp"
#include "kernels/cuda/launch.hpp"
#include "runtime/kernel.hpp"

namespace braid::cuda {

/// Launches with their arguments, and products of libraries, in order.
class LaunchList {
 public:
  struct Entry {
    Launch launch;
    std::vector<std::byte> args;
    std::shared_ptr<const LibraryProduct> product = nullptr;  ///< if there: instead of a launch
    ProductAddresses at = {};
  };

  /// Leaves out a launch that has nothing to do.
  template <class Args>
  void add(const Launch& launch, const Args& args) {
    if (launch.is_empty()) return;
    Entry& entry = entries_.emplace_back(Entry{launch, std::vector<std::byte>(sizeof(Args))});
    std::memcpy(entry.args.data(), &args, sizeof(Args));
  }

  /// A product that a library computes.
  void multiply(std::shared_ptr<const LibraryProduct> product, const ProductAddresses& at) {
    Entry& entry = entries_.emplace_back();
    entry.product = std::move(product);
    entry.at = at;
  }

  /// Memory that launches read lives as long as this. Returns its address.
  const std::byte* keep(std::shared_ptr<const std::byte> memory) {
    return kept_.emplace_back(std::move(memory)).get();
  }

  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
  std::vector<std::shared_ptr<const std::byte>> kept_;
};

/// A kernel of a step: one or several launches.
struct LaunchPlan {
  /// Adds the launches for these addresses. Address 0 stands for any well-aligned one; without a
  /// stream nothing will be launched.
  std::function<void(const BoundKernel::Operands& at, LaunchList& list)> add_launches;

  std::vector<std::size_t> unread = {};  ///< inputs that are not read at run time
  std::size_t workspace_bytes = 0;
  std::string choice = {};  ///< as BoundKernel::choice() has it
};

/// Throws std::length_error if a launch has more blocks than there can be.
std::unique_ptr<const BoundKernel> make_launch_kernel(LaunchPlan plan, std::size_t inputs,
                                                      std::size_t outputs);

}  // namespace braid::cuda
