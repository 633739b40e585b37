#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "braid/datum.hpp"

namespace braid {

class GpuStream;

/// A kernel with the addresses of its operands. Used by one thread at a time.
class PreparedCall {
 public:
  PreparedCall() = default;
  PreparedCall(const PreparedCall&) = delete;
  PreparedCall& operator=(const PreparedCall&) = delete;
  virtual ~PreparedCall() = default;

  /// Allocates no memory.
  virtual void run() = 0;
};

/// A kernel that is bound to the shapes of one Program, and to the constants among its inputs.
/// Immutable: several threads may use it at once.
class BoundKernel {
 public:
  BoundKernel() = default;
  BoundKernel(const BoundKernel&) = delete;
  BoundKernel& operator=(const BoundKernel&) = delete;
  virtual ~BoundKernel() = default;

  /// For people: "onednn brg:avx512_core".
  virtual std::string name() const = 0;

  /// Why this kernel and no other, where there was a choice: "medium tiles: measured 12.3 us, best
  /// of 5". Empty where there was none.
  virtual std::string choice() const { return {}; }

  /// False for inputs that are not read at run time, as the kernel has packed them.
  virtual bool reads(std::size_t /*input*/) const { return true; }

  /// True for inputs of which whole elements are moved, wherever these start. Constants in a mapped
  /// file are then read where they lie.
  virtual bool takes_any_alignment(std::size_t /*input*/) const { return false; }

  /// The input that the first output is written over: they have one address. One that the planner
  /// said may be overwritten (Operand::is_overwritable).
  virtual std::optional<std::size_t> overwrites() const { return std::nullopt; }

  /// Bytes of memory that a call needs besides its operands.
  virtual std::size_t workspace_bytes() const { return 0; }

  /// Whether it runs on a device: then operands are addresses in the device's memory, and run()
  /// of a call only puts work into a stream.
  virtual bool is_on_device() const { return false; }

  /// How many kernels a call launches there.
  virtual std::size_t launches() const { return 0; }

  /// Blocks of threads of the launch that has most of them.
  virtual std::size_t blocks() const { return 0; }

  /// Absent operands, and inputs that are not read, are null. All others are aligned to 64 bytes,
  /// but for constants, which are aligned to their element or as takes_any_alignment() says, and
  /// views into other values.
  struct Operands {
    std::vector<const std::byte*> inputs;
    std::vector<std::byte*> outputs;
    std::byte* workspace = nullptr;

    /// Of kernels on a device: where their work goes, and a number in the device's memory that is
    /// set to 1 where the data are wrong, such as an index out of range.
    GpuStream* stream = nullptr;
    std::int32_t* failure = nullptr;
  };

  /// A call with these operands; the kernel outlives it.
  virtual std::unique_ptr<PreparedCall> prepare(Operands operands) const = 0;
};

/// A kernel that computes right from its operands: run(operands) is all it needs.
class PlainKernel : public BoundKernel {
 public:
  std::unique_ptr<PreparedCall> prepare(Operands operands) const final;
  virtual void run(const Operands& operands) const = 0;
};

/// A kernel that takes operands of any kind and shape, and makes its own outputs.
class LooseKernel {
 public:
  LooseKernel() = default;
  LooseKernel(const LooseKernel&) = delete;
  LooseKernel& operator=(const LooseKernel&) = delete;
  virtual ~LooseKernel() = default;

  virtual std::string name() const = 0;

  /// An output may share the storage of an input.
  virtual void run(std::span<const Datum> inputs, std::span<Datum> outputs) const = 0;
};

}  // namespace braid
