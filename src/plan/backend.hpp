#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "braid/kernel.hpp"
#include "plan/operator.hpp"
#include "plan/packed_weights.hpp"
#include "runtime/kernel.hpp"

namespace braid {

/// An operator of which nothing but its name and version is known yet.
struct KernelQuery {
  std::string_view domain;  ///< "" is ai.onnx
  std::string_view op;
  std::int64_t opset = 0;          ///< version of that domain's operator set
  DType dtype = DType::Undefined;  ///< of the first input; Undefined if not known
};

/// What a device offers to the planner. A backend adds a folder below src/backends and a line in
/// select_backend().
class Backend {
 public:
  Backend() = default;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  virtual ~Backend() = default;

  /// As the command line spells it.
  virtual std::string_view name() const = 0;

  /// Whether bind() may yield kernels. If not, models run as they are, node by node.
  virtual bool has_bound_kernels() const { return false; }

  /// A kernel for operands of any shape on the host; null if there is none.
  virtual KernelFunction find_kernel(const KernelQuery& query) const = 0;

  /// A kernel for these operands; null if find_kernel()'s has to do. Constants that it rearranges
  /// are kept in `weights`, which outlives the kernel.
  virtual std::unique_ptr<const BoundKernel> bind(const Operator& op, PackedWeights& weights) const;
};

}  // namespace braid
