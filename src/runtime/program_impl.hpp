#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "braid/attribute.hpp"
#include "braid/compile.hpp"
#include "braid/kernel.hpp"

namespace braid {

/// Index into the table of tensors that one run holds.
using Slot = std::int32_t;

/// An optional operand that is not there.
inline constexpr Slot kNoSlot = -1;

/// One call of one kernel.
struct Step {
  KernelFunction kernel = nullptr;
  std::string op;
  std::string place;  ///< "node 'conv_17' (Conv)", for messages
  std::int64_t opset = 0;
  Attributes attributes;
  std::vector<Slot> inputs;
  std::vector<Slot> outputs;
  std::vector<Slot> last_used;  ///< nobody reads these after this step
};

/// Slots [0, constants.size()) are the constants; the inputs, results and outputs follow.
struct Program::Impl {
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  std::vector<Slot> input_slots;
  std::vector<Slot> output_slots;  ///< may repeat, and may be inputs or constants
  std::vector<Tensor> constants;   ///< contiguous, or strings
  std::vector<Step> steps;
  std::size_t slot_count = 0;
};

}  // namespace braid
