#include "tools/program_answer.hpp"

#include <algorithm>

namespace {

std::string format_work(const braid::StepReport& step) {
  return step.flops ? fmt::format("{:.3g}", static_cast<double>(*step.flops) * 1e-6) : "-";
}

// "cuda gemm_members_large_f32 (large tiles: measured 12.3 us, best of 5)"
std::string kernel_of(const braid::StepReport& step) {
  return step.choice.empty() ? step.kernel : fmt::format("{} ({})", step.kernel, step.choice);
}

Json json_flops(const braid::StepReport& step) {
  return step.flops ? Json(*step.flops) : Json(nullptr);
}

Json json_step(const braid::StepReport& step, bool has_times) {
  Json entry = {{"place", step.place},
                {"op", step.op},
                {"kernel", step.kernel},
                {"choice", step.choice},
                {"inputs", step.inputs},
                {"outputs", step.outputs},
                {"workspace_bytes", step.workspace},
                {"bytes_moved", step.bytes_moved},
                {"flops", json_flops(step)}};
  if (step.launches > 0) entry["launches"] = step.launches;
  if (step.launches > 0) entry["stream"] = step.stream;
  if (has_times) entry["ms"] = step.seconds * 1e3;
  return entry;
}

Json trace_name(const std::string& what, const std::string& name) {
  return {{"name", what}, {"ph", "M"}, {"pid", 1}, {"tid", 1}, {"args", {{"name", name}}}};
}

Json trace_step(const braid::StepReport& step, double start_us) {
  return {{"name", step.place},
          {"cat", step.op},
          {"ph", "X"},
          {"ts", start_us},
          {"dur", step.seconds * 1e6},
          {"pid", 1},
          {"tid", 1},
          {"args",
           {{"kernel", kernel_of(step)},
            {"inputs", step.inputs},
            {"outputs", step.outputs},
            {"bytes_moved", step.bytes_moved},
            {"flops", json_flops(step)}}}};
}

// "kernel launches: 21 in 1 stream; 2 steps on the host"
std::string launches_of(const braid::ProgramReport& report, const Counters& counters) {
  const auto on_host = std::count_if(report.steps.begin(), report.steps.end(),
                                     [](const auto& step) { return step.launches == 0; });
  return fmt::format("kernel launches: {} in {}; {} on the host", counters.launches,
                     plural(static_cast<std::int64_t>(report.streams), "stream"),
                     plural(on_host, "step"));
}

}  // namespace

void Counters::add(const braid::ProgramReport& report) {
  steps += static_cast<std::int64_t>(report.steps.size());
  std::size_t workspace = 0;
  for (const braid::StepReport& step : report.steps) {
    bytes_moved += static_cast<std::int64_t>(step.bytes_moved);
    flops += step.flops.value_or(0);
    launches += static_cast<std::int64_t>(step.launches);
    workspace = std::max(workspace, step.workspace);
  }
  constant_bytes += static_cast<std::int64_t>(report.constant_bytes);
  packed_bytes += static_cast<std::int64_t>(report.packed_bytes);
  arena_bytes += static_cast<std::int64_t>(report.arena_bytes);
  workspace_bytes += static_cast<std::int64_t>(workspace);
}

Json json_counters(const Counters& counters) {
  Json json = {{"steps", counters.steps},
               {"bytes_moved", counters.bytes_moved},
               {"flops", counters.flops},
               {"constant_bytes", counters.constant_bytes},
               {"packed_bytes", counters.packed_bytes},
               {"arena_bytes", counters.arena_bytes},
               {"activation_bytes", counters.activation_bytes()},
               {"workspace_bytes", counters.workspace_bytes}};
  if (counters.launches > 0) json["launches"] = counters.launches;
  return json;
}

void put_program(const braid::ProgramReport& report, bool has_times, const Answer& answer,
                 Json& json) {
  std::vector<std::string> head = {"step",   "ms",        "kernel", "outputs",
                                   "inputs", "workspace", "moved",  "MFLOP"};
  const bool has_streams = report.streams > 1;
  if (has_streams) head.emplace_back("stream");
  Table table(head);
  Counters counters;
  counters.add(report);
  json["program"] = json_counters(counters);
  json["program"].erase("steps");  // here these are the steps themselves
  Json& steps = json["program"]["steps"] = Json::array();
  for (const braid::StepReport& step : report.steps) {
    std::vector<std::string> cells = {step.place,
                                      has_times ? fmt::format("{:.4f}", step.seconds * 1e3) : "-",
                                      kernel_of(step),
                                      join(step.outputs),
                                      join(step.inputs),
                                      format_bytes(step.workspace),
                                      format_bytes(step.bytes_moved),
                                      format_work(step)};
    if (has_streams) cells.push_back(std::to_string(step.stream));
    table.add(std::move(cells));
    steps.push_back(json_step(step, has_times));
  }
  answer.line("{}", table.text("", {1, 5, 6, 7, 8}));
  if (!report.remark.empty()) answer.line("{}", report.remark);
  if (counters.launches > 0) answer.line("{}", launches_of(report, counters));
  answer.line("{}: arena {}, constants {}, packed {}, moved {}, {:.4g} MFLOP",
              plural(counters.steps, "step"), format_bytes(report.arena_bytes),
              format_bytes(report.constant_bytes), format_bytes(report.packed_bytes),
              format_bytes(static_cast<std::uint64_t>(counters.bytes_moved)),
              static_cast<double>(counters.flops) * 1e-6);
}

void write_trace(const braid::ProgramReport& report, const std::filesystem::path& path) {
  Json events = Json::array();
  events.push_back(trace_name("process_name", "braid"));
  events.push_back(trace_name("thread_name", "steps, the shortest time of each"));
  double start_us = 0;
  for (const braid::StepReport& step : report.steps) {
    events.push_back(trace_step(step, start_us));
    start_us += step.seconds * 1e6;
  }
  write_report({{"traceEvents", std::move(events)}, {"displayTimeUnit", "ns"}}, path.string());
}
