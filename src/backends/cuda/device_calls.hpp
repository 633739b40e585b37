#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "backends/cuda/step_streams.hpp"
#include "runtime/program.hpp"

namespace braid {

/// Where the values of a Program lie on a device: in an arena, or in memory that the caller gave.
struct DevicePlaces {
  const Program* program = nullptr;
  std::byte* arena = nullptr;
  std::int32_t* failures = nullptr;       ///< by step, set to 1 where the data are wrong
  std::map<Slot, std::byte*> given = {};  ///< by Residence::buffer: what lies elsewhere

  std::byte* address(Slot slot) const;  ///< of a value that is no constant
  const std::byte* read_address(Slot slot) const;
};

using DeviceCalls = std::vector<std::unique_ptr<PreparedCall>>;

bool is_on_device(const Step& step);

/// By step; null for those of the host. Throws PlanFailure.
DeviceCalls prepare_calls(const DevicePlaces& places, StepStreams& streams);

/// Throws Error (BadInput) naming the first step whose number is not 0.
void check_failures(const Program& program, std::span<const std::int32_t> failures);

}  // namespace braid
