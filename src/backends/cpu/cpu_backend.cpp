#include "backends/cpu/cpu_backend.hpp"

#include <dnnl.hpp>

#include "backends/cpu/bind.hpp"
#include "backends/cpu/widen.hpp"
#include "backends/reference/reference_backend.hpp"
#include "runtime/plan_failure.hpp"

namespace braid {
namespace {

std::unique_ptr<const BoundKernel> bind_as_it_is(const Operator& op, Binder binder,
                                                 PackedWeights& weights) {
  return binder(op, weights);
}

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
    std::string refusal;
    for (const auto bind : {bind_as_it_is, bind_widened}) {
      try {
        if (auto kernel = bind(op, binder, weights)) return kernel;
      } catch (const dnnl::error& error) {
        refusal = error.what();
      }
    }
    if (op.domain != kFusedDomain || refusal.empty()) return nullptr;
    throw PlanFailure(std::string(op.name) + ": oneDNN: " + refusal);
  }
};

}  // namespace

const Backend& cpu_backend() {
  static const CpuBackend backend;
  return backend;
}

}  // namespace braid
