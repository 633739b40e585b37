#include "backends/cpu/cpu_backend.hpp"

#include <dnnl.hpp>

#include "backends/cpu/bind.hpp"
#include "backends/reference/reference_backend.hpp"
#include "runtime/plan_failure.hpp"

namespace braid {
namespace {

class CpuBackend final : public Backend {
 public:
  std::string_view name() const override { return "cpu"; }

  bool has_bound_kernels() const override { return true; }

  KernelFunction find_kernel(const KernelQuery& query) const override {
    return reference_backend().find_kernel(query);
  }

  std::unique_ptr<const BoundKernel> bind(const Operator& op,
                                          PackedWeights& weights) const override {
    const Binder binder = find_binder(op.domain, op.name);
    if (binder == nullptr) return nullptr;
    try {
      return binder(op, weights);
    } catch (const dnnl::error& error) {
      if (op.domain != kFusedDomain) return nullptr;
      throw PlanFailure(std::string(op.name) + ": oneDNN: " + error.what());
    }
  }
};

}  // namespace

const Backend& cpu_backend() {
  static const CpuBackend backend;
  return backend;
}

}  // namespace braid
