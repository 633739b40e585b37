#include "backends/cuda/device_calls.hpp"

#include "braid/error.hpp"

namespace braid {

std::byte* DevicePlaces::address(Slot slot) const {
  const Residence& value = program->value(slot);
  const auto found = given.find(value.buffer);
  if (found == given.end()) return arena + value.offset;
  return found->second + (value.offset - program->value(value.buffer).offset);
}

const std::byte* DevicePlaces::read_address(Slot slot) const {
  const Residence& value = program->value(slot);
  if (value.kind != Residence::Kind::Constant) return address(slot);
  return program->device_constants[value.index].get() + value.offset;
}

bool is_on_device(const Step& step) {
  return step.bound && step.bound->is_on_device();
}

namespace {

BoundKernel::Operands operands_of(std::size_t s, const DevicePlaces& places, StepStreams& streams) {
  const Step& step = places.program->steps[s];
  BoundKernel::Operands operands;
  for (std::size_t i = 0; i < step.inputs.size(); ++i) {
    const bool is_read = step.inputs[i] != kNoSlot && step.bound->reads(i);
    operands.inputs.push_back(is_read ? places.read_address(step.inputs[i]) : nullptr);
  }
  for (const Slot slot : step.outputs)
    operands.outputs.push_back(slot == kNoSlot ? nullptr : places.address(slot));
  operands.workspace = places.arena + step.workspace;
  operands.stream = &streams.of(s);
  operands.failure = places.failures + s;
  return operands;
}

}  // namespace

DeviceCalls prepare_calls(const DevicePlaces& places, StepStreams& streams) {
  const std::vector<Step>& steps = places.program->steps;
  DeviceCalls calls(steps.size());
  for (std::size_t s = 0; s < steps.size(); ++s) {
    if (is_on_device(steps[s])) calls[s] = steps[s].bound->prepare(operands_of(s, places, streams));
  }
  return calls;
}

void check_failures(const Program& program, std::span<const std::int32_t> failures) {
  for (std::size_t s = 0; s < program.steps.size(); ++s) {
    if (failures[s] == 0) continue;
    throw Error(ErrorKind::BadInput,
                program.steps[s].place +
                    ": an index is out of range for its dimension, or an integer is divided by 0");
  }
}

}  // namespace braid
