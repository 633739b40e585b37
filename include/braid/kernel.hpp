#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "braid/attribute.hpp"
#include "braid/tensor.hpp"

namespace braid {

/// One call of a kernel: what it reads, its attributes, and where its results go. A kernel sees
/// neither the graph nor the node it comes from.
class KernelCall {
 public:
  KernelCall(std::string_view op, std::int64_t opset, const Attributes& attributes,
             std::span<const Tensor> inputs, std::span<Tensor> outputs)
      : op_(op), opset_(opset), attributes_(attributes), inputs_(inputs), outputs_(outputs) {}

  std::string_view op() const { return op_; }

  /// Version of the operator set, where an operator's meaning depends on it.
  std::int64_t opset() const { return opset_; }
  const Attributes& attributes() const { return attributes_; }

  std::size_t input_count() const { return inputs_.size(); }
  std::size_t output_count() const { return outputs_.size(); }

  bool has_input(std::size_t i) const { return i < inputs_.size() && inputs_[i]; }

  /// A contiguous tensor. Throws Error (BadInput) if the input is absent.
  const Tensor& input(std::size_t i) const;

  /// Allocates output `i` (zeroed) and returns it; no-op result if nobody reads that output.
  Tensor& output(std::size_t i, DType dtype, std::vector<std::int64_t> dims);

  /// Makes output `i` share existing storage (Reshape and the like).
  void set_output(std::size_t i, Tensor tensor);

  /// Throws Error (BadInput): "OP: message".
  [[noreturn]] void fail(std::string_view message) const;

 private:
  std::string_view op_;
  std::int64_t opset_;
  const Attributes& attributes_;
  std::span<const Tensor> inputs_;  // empty Tensor: absent
  std::span<Tensor> outputs_;
};

using KernelFunction = void (*)(KernelCall&);

}  // namespace braid
