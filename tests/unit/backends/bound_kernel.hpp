#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backends/cpu/cpu_backend.hpp"
#include "backends/cuda/gpu.hpp"
#include "runtime/thread_limit.hpp"
#include "tests/unit/kernels/call_kernel.hpp"

namespace braid::testing_support {

/// An operator with its operands, as a Program would bind it.
struct Call {
  std::string op = {};
  std::vector<Tensor> inputs = {};          ///< an empty Tensor stands for an absent input
  Attributes attributes = {};               ///< reference::attrs() writes them in one expression
  std::vector<std::size_t> constants = {};  ///< inputs whose values are known when it is bound
  std::size_t outputs = 1;
  std::int64_t opset = reference::kOpset;
  std::string domain = {};
};

/// Bytes between guards, so that no kernel writes beyond its operands unseen.
class GuardedBytes {
 public:
  explicit GuardedBytes(std::size_t size) : size_(size), memory_(size + 3 * kGuard, kMark) {}

  std::byte* data() {
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.data()) + kGuard;
    return memory_.data() + kGuard + (kGuard - address % kGuard) % kGuard;
  }

  bool is_intact() {
    const std::byte* const end = data() + size_;
    const auto is_mark = [](std::byte b) { return b == kMark; };
    return std::all_of(static_cast<const std::byte*>(memory_.data()),
                       static_cast<const std::byte*>(data()), is_mark) &&
           std::all_of(end, static_cast<const std::byte*>(memory_.data() + memory_.size()),
                       is_mark);
  }

 private:
  static constexpr std::size_t kGuard = 64;  // the alignment that kernels are promised
  static constexpr std::byte kMark{0xA5};    // what memory holds before a kernel writes it

  std::size_t size_;
  std::vector<std::byte> memory_;
};

/// What the call's kernel is bound to. `outputs` lend their types and dims; an empty one is absent.
inline Operator operator_of(const Call& call, std::span<const Tensor> outputs) {
  Operator op{call.domain, call.op, call.opset, call.attributes, {}, {}};
  for (std::size_t i = 0; i < call.inputs.size(); ++i) {
    const Tensor& input = call.inputs[i];
    const bool is_constant =
        std::find(call.constants.begin(), call.constants.end(), i) != call.constants.end();
    op.inputs.push_back({input.dtype(), input.dims(), input && is_constant ? &input : nullptr});
  }
  for (const Tensor& output : outputs)
    op.outputs.push_back({output.dtype(), output.dims(), nullptr});
  return op;
}

/// What kernels are bound for: the CPU, or an emulated GPU, whose memory is that of the host.
struct Machine {
  const Backend& backend = cpu_backend();
  Gpu* gpu = nullptr;
};

/// The kernel that the machine binds the call to; null if it has none, or one that does not run on
/// its GPU.
inline std::unique_ptr<const BoundKernel> bind(const Call& call, std::span<const Tensor> outputs,
                                               PackedWeights& weights,
                                               const Machine& machine = {}) {
  auto kernel = machine.backend.bind(operator_of(call, outputs), weights);
  const bool is_elsewhere = kernel && kernel->is_on_device() != (machine.gpu != nullptr);
  return is_elsewhere ? nullptr : std::move(kernel);
}

/// Runs a bound kernel twice on the call's inputs, in memory that holds garbage; writes beyond its
/// operands, and results that differ from run to run, are failures.
inline std::vector<Tensor> run(const BoundKernel& kernel, const Call& call,
                               std::span<const Tensor> outputs, const Machine& machine = {}) {
  std::vector<GuardedBytes> inputs;
  std::vector<GuardedBytes> results;
  GuardedBytes workspace(kernel.workspace_bytes());
  BoundKernel::Operands operands;
  for (const Tensor& input : call.inputs)
    inputs.emplace_back(input.bytes());
  for (const Tensor& output : outputs)
    results.emplace_back(output.bytes());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool is_read = call.inputs[i] && kernel.reads(i);
    operands.inputs.push_back(is_read ? inputs[i].data() : nullptr);
    if (!is_read || call.inputs[i].bytes() == 0) continue;
    std::memcpy(inputs[i].data(), call.inputs[i].raw().data(), call.inputs[i].bytes());
  }
  for (std::size_t i = 0; i < results.size(); ++i)
    operands.outputs.push_back(outputs[i] ? results[i].data() : nullptr);
  operands.workspace = workspace.data();
  std::int32_t failure = 0;
  const std::unique_ptr<GpuStream> stream = machine.gpu ? machine.gpu->make_stream() : nullptr;
  operands.stream = stream.get();
  operands.failure = &failure;
  const std::unique_ptr<PreparedCall> prepared = kernel.prepare(operands);
  std::vector<Tensor> tensors;
  for (int repeat = 0; repeat < 2; ++repeat) {
    prepared->run();
    if (stream) stream->wait();
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (repeat == 0)
        tensors.push_back(outputs[i] ? Tensor::allocate(outputs[i].dtype(), outputs[i].dims())
                                     : Tensor());
      if (tensors[i].bytes() == 0) continue;
      if (repeat == 0) {
        std::memcpy(tensors[i].mutable_raw().data(), results[i].data(), tensors[i].bytes());
      } else {
        EXPECT_EQ(std::memcmp(tensors[i].raw().data(), results[i].data(), tensors[i].bytes()), 0)
            << call.op << ": output " << i << " differs from run to run";
      }
    }
  }
  for (auto* const buffers : {&inputs, &results}) {
    for (GuardedBytes& buffer : *buffers)
      EXPECT_TRUE(buffer.is_intact()) << call.op << " writes beyond an operand";
  }
  EXPECT_TRUE(workspace.is_intact()) << call.op << " writes beyond its workspace";
  EXPECT_EQ(failure, 0) << call.op << " reports an index out of range";
  return tensors;
}

/// Whether the machine has a kernel for the call.
inline bool is_bound(const Call& call, std::span<const Tensor> outputs,
                     const Machine& machine = {}) {
  PackedWeights weights;
  return bind(call, outputs, weights, machine) != nullptr;
}

inline bool is_bound(const Call& call) {
  return is_bound(
      call, reference::call_all(call.op, call.inputs, call.attributes, call.outputs, call.opset));
}

/// The call has a bound kernel that yields `expected`, on one thread and, of the CPU, on two:
/// values within `tolerance * (1 + |expected|)`; 0 stands for equal.
inline void expect_bound(const Call& call, std::span<const Tensor> expected, double tolerance,
                         const Machine& machine = {}) {
  PackedWeights weights;
  const std::unique_ptr<const BoundKernel> kernel = bind(call, expected, weights, machine);
  ASSERT_NE(kernel, nullptr) << call.op << " has no bound kernel";
  const std::vector<int> thread_counts = machine.gpu ? std::vector{1} : std::vector{1, 2};
  for (const int threads : thread_counts) {
    SCOPED_TRACE(call.op + " on " + std::to_string(threads) + " threads, first input " +
                 (call.inputs.empty() ? "none" : describe(call.inputs[0])));
    const ThreadLimit limit(threads);
    const std::vector<Tensor> actual = run(*kernel, call, expected, machine);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      SCOPED_TRACE("output " + std::to_string(i));
      if (!expected[i]) continue;
      reference::expect_values(actual[i], expected[i].dims(), reference::to_doubles(expected[i]),
                               tolerance);
    }
  }
}

/// The call has a bound kernel that yields what the reference kernel yields.
inline void expect_bound_as_reference(const Call& call, double tolerance = 0.0) {
  const std::vector<Tensor> expected =
      reference::call_all(call.op, call.inputs, call.attributes, call.outputs, call.opset);
  expect_bound(call, expected, tolerance);
}

}  // namespace braid::testing_support
