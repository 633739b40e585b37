#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "braid/device.hpp"
#include "braid/kernel.hpp"
#include "plan/operator.hpp"
#include "plan/packed_weights.hpp"
#include "plan/step_order.hpp"
#include "runtime/kernel.hpp"
#include "runtime/program.hpp"
#include "runtime/runner.hpp"

namespace braid {

/// An operator of which nothing but its name and version is known yet.
struct KernelQuery {
  std::string_view domain;  ///< "" is ai.onnx
  std::string_view op;
  std::int64_t opset = 0;          ///< version of that domain's operator set
  DType dtype = DType::Undefined;  ///< of the first input; Undefined if not known
};

/// Of a model, in the order of its inputs and outputs.
struct PortNames {
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
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

  /// What computes on the host before any run: itself, unless its kernels run on a device.
  virtual const Backend& host() const { return *this; }

  /// The bytes of a constant in the memory that kernels on a device read; kept in `weights`. Asked
  /// only for what such kernels read.
  virtual PackedWeights::Bytes to_device(const Tensor& constant, PackedWeights& weights) const;

  /// Whether several Programs that run side by side, each on a thread, may be faster than one.
  virtual bool gains_by_parts() const { return true; }

  /// Whether products (ai.braid.MatMul) add any bias that broadcasts to them, not only one row for
  /// all or for each member.
  virtual bool adds_any_bias() const { return false; }

  /// Whether products that do not depend on each other may be one kernel (group_products()).
  virtual bool groups_products() const { return false; }

  /// How many steps may run at once.
  virtual std::size_t most_streams() const { return 1; }

  /// What a step takes, where there are several streams; a guess.
  virtual StepLoad estimate(const BoundKernel& /*kernel*/, const Work& /*work*/) const {
    return {};
  }

  /// Whether operators that passes make of several take floats of this type: kernels compute with
  /// them in float, and round what they write, once.
  virtual bool fuses(DType dtype) const { return dtype == DType::Float32; }

  /// What values that are float in the model are stored as between steps.
  virtual DType float_storage() const { return DType::Float32; }

  /// What went wrong without making a result wrong; of all Programs so far.
  virtual std::vector<std::string> warnings() const { return {}; }

  /// The arena is the Program's memory on the host.
  virtual std::unique_ptr<Runner> make_runner(std::shared_ptr<const Program> program,
                                              Arena arena) const;

  /// A Program that reads and writes the caller's memory of a device. Throws Error (Usage) if the
  /// backend is none of a device, Error (Unsupported) if the Program has steps on the host.
  virtual std::unique_ptr<DeviceProgram> make_device_program(std::shared_ptr<const Program> program,
                                                             const PortNames& names,
                                                             Launching launching) const;
};

}  // namespace braid
