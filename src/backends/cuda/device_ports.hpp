#pragma once

#include <string>
#include <vector>

#include "braid/device.hpp"
#include "runtime/program.hpp"

namespace braid {

/// The inputs and outputs of a Program that lie in the caller's memory.
struct DevicePorts {
  std::vector<DevicePort> inputs;
  std::vector<DevicePort> outputs;

  /// By block: the value whose memory its ports are all of, and nothing else; kNoSlot if they are
  /// copied.
  std::vector<Slot> buffers;
};

/// Ports by the names of the model's. All values of the Program have a place.
DevicePorts find_device_ports(const Program& program, const std::vector<std::string>& inputs,
                              const std::vector<std::string>& outputs);

/// Throws Error (BadInput) that lists what of the caller's memory does not fit the ports, but for
/// whose memory it is.
void check_device_spans(const DevicePorts& ports, std::span<const DeviceSpan> inputs,
                        std::span<const DeviceSpan> outputs);

}  // namespace braid
