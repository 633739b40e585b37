#include "backends/cuda/launch_kernel.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "backends/cuda/gpu.hpp"
#include "runtime/plan_failure.hpp"

namespace braid::cuda {
namespace {

class LaunchCall final : public PreparedCall {
 public:
  LaunchCall(LaunchList list, GpuStream& stream) : list_(std::move(list)), stream_(stream) {}

  void run() override {
    for (const auto& [launch, args, product, at] : list_.entries()) {
      if (product != nullptr)
        stream_.multiply(*product, at);
      else
        stream_.launch(launch, args);
    }
  }

 private:
  LaunchList list_;
  GpuStream& stream_;
};

std::string name_of(const LaunchList& list) {
  if (list.entries().empty()) return "cuda nothing";
  const LaunchList::Entry& entry = list.entries().front();
  const std::string first =
      std::string("cuda ") + (entry.product ? entry.product->name() : entry.launch.kernel);
  const std::size_t more = list.entries().size() - 1;
  return more == 0 ? first : first + " and " + std::to_string(more) + " more";
}

// Libraries do not tell theirs; they are made to keep all processors busy.
std::size_t most_blocks(const LaunchList& list) {
  std::size_t most = 0;
  for (const LaunchList::Entry& entry : list.entries()) {
    if (entry.product) return std::numeric_limits<std::size_t>::max();
    const cuda::Size3& grid = entry.launch.grid;
    most = std::max(most, std::size_t{grid.x} * grid.y * grid.z);
  }
  return most;
}

class LaunchKernel final : public BoundKernel {
 public:
  /// `list` is of any addresses.
  LaunchKernel(LaunchPlan plan, const LaunchList& list)
      : plan_(std::move(plan)),
        name_(name_of(list)),
        launches_(list.entries().size()),
        blocks_(most_blocks(list)) {}

  std::string name() const override { return name_; }
  bool is_on_device() const override { return true; }
  std::size_t launches() const override { return launches_; }
  std::size_t blocks() const override { return blocks_; }
  bool reads(std::size_t input) const override {
    return std::find(plan_.unread.begin(), plan_.unread.end(), input) == plan_.unread.end();
  }
  std::size_t workspace_bytes() const override { return plan_.workspace_bytes; }
  std::string choice() const override { return plan_.choice; }

  std::unique_ptr<PreparedCall> prepare(Operands operands) const override {
    LaunchList list;
    try {
      plan_.add_launches(operands, list);
    } catch (const std::length_error& error) {  // addresses may need narrower copies
      throw PlanFailure(name_ + ": " + error.what());
    }
    return std::make_unique<LaunchCall>(std::move(list), *operands.stream);
  }

 private:
  LaunchPlan plan_;
  std::string name_;
  std::size_t launches_;
  std::size_t blocks_;
};

}  // namespace

std::unique_ptr<const BoundKernel> make_launch_kernel(LaunchPlan plan, std::size_t inputs,
                                                      std::size_t outputs) {
  LaunchList list;
  plan.add_launches({std::vector<const std::byte*>(inputs), std::vector<std::byte*>(outputs)},
                    list);
  return std::make_unique<LaunchKernel>(std::move(plan), list);
}

}  // namespace braid::cuda
