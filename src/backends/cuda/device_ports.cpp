#include "backends/cuda/device_ports.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "braid/error.hpp"

namespace braid {
namespace {

std::size_t bytes_of(const Residence& value) {
  return Tensor::weightless(value.dtype, value.dims).bytes();
}

DevicePort port_of(const Residence& value, const std::string& name) {
  DevicePort port;
  port.name = name;
  port.dtype = value.dtype;
  port.dims = value.dims;
  port.bytes = bytes_of(value);
  return port;
}

// Ports whose values lie in one buffer, by their place there.
using Members = std::vector<std::size_t>;

class Blocks {
 public:
  Blocks(const Program& program, DevicePorts& ports) : program_(program), ports_(ports) {}

  // Buffers in `others` are somebody else's.
  void add(const std::vector<Slot>& slots, std::vector<DevicePort>& list,
           const std::set<Slot>& others) {
    std::map<Slot, Members> by_buffer;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const Residence& value = program_.value(slots[i]);
      if (value.kind == Residence::Kind::Constant || others.contains(value.buffer)) {
        copy(list[i]);
      } else {
        list[i].offset = value.offset - program_.value(value.buffer).offset;
        by_buffer[value.buffer].push_back(i);
      }
    }
    for (auto& [buffer, members] : by_buffer)
      add_block(buffer, members, list);
  }

 private:
  void copy(DevicePort& port) {
    port.is_copied = true;
    port.offset = 0;
    port.block = ports_.buffers.size();
    ports_.buffers.push_back(kNoSlot);
  }

  void add_block(Slot buffer, Members& members, std::vector<DevicePort>& list) {
    std::sort(members.begin(), members.end(),
              [&](std::size_t a, std::size_t b) { return list[a].offset < list[b].offset; });
    if (!fill(buffer, members, list)) {
      for (const std::size_t i : members)
        copy(list[i]);
      return;
    }
    for (const std::size_t i : members)
      list[i].block = ports_.buffers.size();
    ports_.buffers.push_back(buffer);
  }

  // Whether the buffer is theirs alone, and each byte that of one.
  bool fill(Slot buffer, const Members& members, const std::vector<DevicePort>& list) const {
    std::size_t end = 0;
    for (const std::size_t i : members) {
      if (list[i].offset != end) return false;
      end += list[i].bytes;
    }
    return end == bytes_of(program_.value(buffer));
  }

  const Program& program_;
  DevicePorts& ports_;
};

// ---- what the caller gives ----

struct Range {
  std::uintptr_t first = 0;
  std::uintptr_t last = 0;
  std::string what;  ///< "output 'y'"
  bool is_output = false;
};

void add_range(const DevicePort& port, const DeviceSpan& span, bool is_output,
               std::vector<Range>& ranges) {
  const auto first = reinterpret_cast<std::uintptr_t>(span.data);
  if (span.bytes == 0) return;
  ranges.push_back({first, first + span.bytes,
                    (is_output ? "output '" : "input '") + port.name + "'", is_output});
}

std::string problem_of(const DevicePort& port, const DeviceSpan& span) {
  if (span.bytes != port.bytes) {
    return std::to_string(span.bytes) + " bytes were given instead of " +
           std::to_string(port.bytes) + ", for " +
           describe(Tensor::weightless(port.dtype, port.dims));
  }
  const auto element = static_cast<std::uintptr_t>(std::max(dtype_bits(port.dtype) / 8, 1));
  if (reinterpret_cast<std::uintptr_t>(span.data) % element != 0)
    return "its address is no multiple of " + std::to_string(element) + ", the size of an element";
  return {};
}

class SpanCheck {
 public:
  void add(const char* kind, const std::vector<DevicePort>& ports,
           std::span<const DeviceSpan> spans, bool is_output) {
    if (spans.size() != ports.size()) {
      problems_ += "\n" + std::to_string(spans.size()) + " " + kind +
                   "s were given, but there are " + std::to_string(ports.size());
      return;
    }
    for (std::size_t i = 0; i < ports.size(); ++i) {
      const std::string problem = problem_of(ports[i], spans[i]);
      if (!problem.empty())
        problems_ += std::string("\n") + kind + " '" + ports[i].name + "': " + problem;
      add_range(ports[i], spans[i], is_output, ranges_);
    }
  }

  // Of what a run writes with anything else.
  void add_overlaps() {
    std::sort(ranges_.begin(), ranges_.end(),
              [](const Range& a, const Range& b) { return a.first < b.first; });
    for (auto a = ranges_.begin(); a != ranges_.end(); ++a) {
      for (auto b = a + 1; b != ranges_.end() && b->first < a->last; ++b) {
        if (a->is_output || b->is_output)
          problems_ += "\n" + a->what + " and " + b->what + " overlap; give each its own memory";
      }
    }
  }

  void finish() const {
    if (!problems_.empty()) throw Error(ErrorKind::BadInput, problems_.substr(1));
  }

 private:
  std::vector<Range> ranges_;
  std::string problems_;
};

}  // namespace

DevicePorts find_device_ports(const Program& program, const std::vector<std::string>& inputs,
                              const std::vector<std::string>& outputs) {
  DevicePorts ports;
  std::set<Slot> given;
  for (std::size_t i = 0; i < program.inputs.size(); ++i) {
    ports.inputs.push_back(port_of(program.value(program.inputs[i]), inputs[i]));
    given.insert(program.value(program.inputs[i]).buffer);
  }
  for (std::size_t i = 0; i < program.outputs.size(); ++i)
    ports.outputs.push_back(port_of(program.value(program.outputs[i]), outputs[i]));
  Blocks blocks(program, ports);
  blocks.add(program.inputs, ports.inputs, {});
  blocks.add(program.outputs, ports.outputs, given);
  return ports;
}

void check_device_spans(const DevicePorts& ports, std::span<const DeviceSpan> inputs,
                        std::span<const DeviceSpan> outputs) {
  SpanCheck check;
  check.add("input", ports.inputs, inputs, false);
  check.add("output", ports.outputs, outputs, true);
  check.add_overlaps();
  check.finish();
}

}  // namespace braid
