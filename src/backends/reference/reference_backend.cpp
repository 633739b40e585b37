#include "backends/reference/reference_backend.hpp"

#include "kernels/reference/kernels.hpp"

namespace braid {
namespace {

class ReferenceBackend final : public Backend {
 public:
  std::string_view name() const override { return "reference"; }

  KernelFunction find_kernel(const KernelQuery& query) const override {
    // Before opset 7, operators broadcast by attributes of their own, which kernels do not know.
    constexpr std::int64_t kOldest = 7;
    if (query.domain.empty() && query.opset < kOldest) return nullptr;
    return reference::find_kernel(query.domain, query.op);
  }
};

}  // namespace

const Backend& reference_backend() {
  static const ReferenceBackend backend;
  return backend;
}

}  // namespace braid
