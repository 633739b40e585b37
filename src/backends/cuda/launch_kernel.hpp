#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kernels/cuda/launch.hpp"
#include "runtime/kernel.hpp"

namespace braid::cuda {

/// Launches with their arguments, in order.
class LaunchList {
 public:
  struct Entry {
    Launch launch;
    std::vector<std::byte> args;
  };

  /// Leaves out a launch that has nothing to do.
  template <class Args>
  void add(const Launch& launch, const Args& args) {
    if (launch.is_empty()) return;
    Entry& entry = entries_.emplace_back(Entry{launch, std::vector<std::byte>(sizeof(Args))});
    std::memcpy(entry.args.data(), &args, sizeof(Args));
  }

  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

/// A kernel of a step: one or several launches.
struct LaunchPlan {
  /// Adds the launches for these addresses. Address 0 stands for any well-aligned one.
  std::function<void(const BoundKernel::Operands& at, LaunchList& list)> add_launches;

  std::vector<std::size_t> unread = {};  ///< inputs that are not read at run time
  std::size_t workspace_bytes = 0;
};

/// Throws std::length_error if a launch has more blocks than there can be.
std::unique_ptr<const BoundKernel> make_launch_kernel(LaunchPlan plan, std::size_t inputs,
                                                      std::size_t outputs);

}  // namespace braid::cuda
