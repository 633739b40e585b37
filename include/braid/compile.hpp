#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "braid/graph.hpp"
#include "braid/tensor.hpp"

namespace braid {

enum class Device { Cpu, Cuda };

/// A named input or output.
struct Port {
  std::string name;
  Type type;
};

/// How a graph is computed: an immutable list of steps, each a kernel with its operands.
/// Copies share the steps. run() is safe to call from several threads at once.
class Program {
 public:
  struct Impl;
  explicit Program(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

  /// Inputs that run() needs, without those that have a default in the file.
  const std::vector<Port>& inputs() const;
  const std::vector<Port>& outputs() const;

  /// Computes all outputs, in the order of outputs(). `inputs` are in the order of inputs(); type,
  /// rank and known dims must agree, and one symbol must have one size.
  /// Throws Error (BadInput) naming what was expected, or naming the node that failed.
  std::vector<Tensor> run(std::span<const Tensor> inputs) const;

 private:
  std::shared_ptr<const Impl> impl_;
};

struct CompileOptions {
  Device device = Device::Cpu;
};

/// Chooses a kernel for every node of a model. Constants are shared with the model, not copied,
/// where they are contiguous and aligned to their element type. Throws Error (Unsupported) that
/// names every operator without a kernel, Error (Device) if the device is not there, Error
/// (BadInput) if a weight has no data.
Program compile(const Model& model, const CompileOptions& options = {});

}  // namespace braid
