#pragma once

#include "plan/backend.hpp"

namespace braid {

/// One function for all operators but "Unheard" and those of foreign domains.
class FakeBackend final : public Backend {
 public:
  explicit FakeBackend(KernelFunction function) : function_(function) {}

  std::string_view name() const override { return "fake"; }

  KernelFunction find_kernel(const KernelQuery& query) const override {
    return query.domain.empty() && query.op != "Unheard" ? function_ : nullptr;
  }

 private:
  KernelFunction function_;
};

}  // namespace braid
