#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "braid/tensor.hpp"
#include "runtime/kernel.hpp"

namespace braid {

/// Index into Program::values.
using Slot = std::int32_t;

/// An optional operand that is not there.
inline constexpr Slot kNoSlot = -1;

/// Where a value lies while a Program runs.
struct Residence {
  enum class Kind {
    Constant,  ///< in Program::constants
    Arena,     ///< at a fixed offset of the memory that one run has
    Loose,     ///< a Datum of its own, whose kind and dims show when it is computed
  };
  Kind kind = Kind::Loose;
  std::size_t index = 0;   ///< of the constant
  std::size_t offset = 0;  ///< bytes into the constant or the arena
  DType dtype = DType::Undefined;
  std::vector<std::int64_t> dims = {};  ///< not of loose values

  /// The value whose memory in the arena it lies in; itself if that is its own.
  Slot buffer = kNoSlot;
};

/// What a step costs on any machine.
struct Work {
  std::size_t bytes = 0;              ///< of the operands that it reads and writes
  std::optional<std::int64_t> flops;  ///< of operators for which they are known
};

/// One call of one kernel: either `bound` or `loose` is set.
struct Step {
  std::unique_ptr<const BoundKernel> bound;
  std::unique_ptr<const LooseKernel> loose;
  std::string op;
  std::string place;  ///< "node 'conv_17' (Conv)", for messages
  std::vector<Slot> inputs;
  std::vector<Slot> outputs;
  std::size_t workspace = 0;  ///< offset into the arena

  /// On a device: steps of one stream run one after the other; it waits for these of other streams.
  std::size_t stream = 0;
  std::vector<std::size_t> waits;
  Work work;                    ///< nothing where dims are not known
  std::vector<Slot> last_used;  ///< loose values that nobody reads after this step
};

/// How a graph is computed for inputs of known dims: a flat list of steps with kernels and offsets.
struct Program {
  std::vector<Residence> values;
  std::vector<Tensor> constants;  ///< contiguous, or strings

  /// By constant: its bytes in the device's memory, if a kernel there reads them.
  std::vector<std::shared_ptr<const std::byte>> device_constants;
  std::vector<Step> steps;
  std::vector<Slot> inputs;
  std::vector<Slot> outputs;  ///< may repeat, and may be inputs or constants
  std::size_t arena_bytes = 0;
  std::size_t streams = 1;  ///< in which its steps run; the host has one

  const Residence& value(Slot slot) const { return values[static_cast<std::size_t>(slot)]; }
};

}  // namespace braid
