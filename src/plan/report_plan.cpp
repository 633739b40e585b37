#include "plan/report_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace braid {
namespace {

std::string text_of(const Program& program, Slot slot) {
  if (slot == kNoSlot) return "-";
  const Residence& value = program.value(slot);
  if (value.kind == Residence::Kind::Loose) return "loose";
  const std::string type = describe(Tensor::weightless(value.dtype, value.dims));
  if (value.kind == Residence::Kind::Arena) return fmt::format("{} at {}", type, value.offset);
  return fmt::format("{} constant {}", type, value.index);
}

bool is_on_device(const Step& step) {
  return step.bound && step.bound->is_on_device();
}

void add_program(const Program& program, const std::string& prefix, ProgramReport& report) {
  for (const Tensor& constant : program.constants)
    report.constant_bytes += constant ? constant.bytes() : 0;
  const bool uses_device = std::any_of(program.steps.begin(), program.steps.end(), is_on_device);
  for (const Step& step : program.steps) {
    StepReport& entry = report.steps.emplace_back();
    entry.place = prefix + step.place;
    entry.op = step.op;
    entry.bytes_moved = step.work.bytes;
    entry.flops = step.work.flops;
    entry.kernel = step.bound ? step.bound->name() : step.loose->name();
    if (uses_device && !is_on_device(step)) entry.kernel = "on the host: " + entry.kernel;
    entry.choice = step.bound ? step.bound->choice() : "";
    entry.stream = step.stream;
    entry.launches = step.bound ? step.bound->launches() : 0;
    entry.workspace = step.bound ? step.bound->workspace_bytes() : 0;
    for (const Slot slot : step.inputs)
      entry.inputs.push_back(text_of(program, slot));
    for (const Slot slot : step.outputs)
      entry.outputs.push_back(text_of(program, slot));
  }
}

}  // namespace

ProgramReport report_plan(const Plan& plan) {
  ProgramReport report;
  report.arena_bytes = plan.lanes * plan.arena_bytes();
  for (const Part& part : plan.parts)
    report.streams = std::max(report.streams, part.program->streams);
  for (const Part& part : plan.parts)
    add_program(*part.program, part.name.empty() ? "" : part.name + ": ", report);
  return report;
}

}  // namespace braid
