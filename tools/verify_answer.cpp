#include "tools/verify_answer.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

#include "braid/error.hpp"
#include "tools/model_files.hpp"

namespace {

std::string number(double value) {
  return value == 0 ? "0" : fmt::format("{:.1e}", value);
}

std::string nan_text(const braid::OutputCheck& check) {
  if (check.nan_member == 0 && check.nan_merged == 0) return "0";
  return fmt::format("{}/{}, {} differ", check.nan_member, check.nan_merged, check.nan_mismatches);
}

std::string result_text(const braid::OutputCheck& check) {
  if (check.passed) return "passed";
  return check.first_bad_index < 0 ? "FAILED"
                                   : fmt::format("FAILED at element {}", check.first_bad_index);
}

Table outputs_table(const braid::VerifyReport& report) {
  Table table({"member", "output", "type", "max abs", "max rel", "needs atol", "needs rtol", "NaN",
               "result"});
  for (const braid::OutputCheck& check : report.outputs) {
    table.add({check.member.empty() ? "(combined)" : check.member, check.output,
               braid::to_string(check.type), number(check.max_absolute_error),
               number(check.max_relative_error), number(check.needed_absolute),
               number(check.needed_relative), nan_text(check), result_text(check)});
  }
  return table;
}

}  // namespace

void print_verify_answer(const braid::VerifyReport& report, const braid::VerifyOptions& options,
                         const Answer& answer) {
  for (const std::string& warning : report.warnings)
    spdlog::warn("WARNING: {}", warning);
  answer.line("{}", outputs_table(report).text("", {3, 4, 5, 6, 7}));
  for (const braid::ControlCheck& control : report.controls) {
    if (control.differs || control.is_twin) continue;
    const std::string what =
        control.other.empty() || control.other == control.member
            ? "there is no other member to compare it with"
            : fmt::format("the outputs of '{}' would pass for its own", control.other);
    spdlog::warn(
        "WARNING: '{}': {}: the check proves nothing for this member; try another --seed "
        "or smaller tolerances",
        control.member, what);
  }
  std::set<std::string> members;
  double absolute = 0;
  double relative = 0;
  double error = 0;
  std::int64_t failed = 0;
  for (const braid::OutputCheck& check : report.outputs) {
    if (!check.member.empty()) members.insert(check.member);
    absolute = std::max(absolute, check.needed_absolute);
    relative = std::max(relative, check.needed_relative);
    error = std::max(error, check.max_absolute_error);
    failed += check.passed ? 0 : 1;
  }
  answer.line(
      "{}  {}, {}{}, seed {}: max abs {}; passes with atol {} or rtol {} (asked: |error| <= "
      "{} + {} * |member|{})",
      report.passed ? "PASSED" : "FAILED",
      plural(static_cast<std::int64_t>(members.size()), "member"),
      plural(static_cast<std::int64_t>(report.outputs.size()), "output"),
      failed == 0 ? "" : fmt::format(", {} failed", failed), options.seed, number(error),
      number(absolute), number(relative), options.absolute_tolerance, options.relative_tolerance,
      options.peak_tolerance == 0
          ? ""
          : fmt::format(" + {} * the largest |member|", options.peak_tolerance));
}

void put_verify_report(const braid::VerifyReport& report, const braid::VerifyOptions& options,
                       Json& json) {
  json["options"] = {{"seed", options.seed},
                     {"atol", options.absolute_tolerance},
                     {"rtol", options.relative_tolerance},
                     {"peak", options.peak_tolerance},
                     {"dims", options.dims},
                     {"device", name_of(options.device)},
                     {"precision", name_of(options.precision)}};
  json["warnings"] = report.warnings;
  json["outputs"] = Json::array();
  for (const braid::OutputCheck& check : report.outputs) {
    Json entry = {{"member", check.member}};
    entry.update(json_port(check.output, check.type));
    entry["elements"] = check.elements;
    entry["max_absolute_error"] = json_number(check.max_absolute_error);
    entry["max_relative_error"] = json_number(check.max_relative_error);
    entry["needed_absolute"] = json_number(check.needed_absolute);
    entry["needed_relative"] = json_number(check.needed_relative);
    entry["nan_member"] = check.nan_member;
    entry["nan_merged"] = check.nan_merged;
    entry["nan_mismatches"] = check.nan_mismatches;
    entry["first_bad_index"] = check.first_bad_index;
    entry["passed"] = check.passed;
    json["outputs"].push_back(std::move(entry));
  }
  json["controls"] = Json::array();
  for (const braid::ControlCheck& control : report.controls) {
    json["controls"].push_back({{"member", control.member},
                                {"other", control.other},
                                {"differs", control.differs},
                                {"twin", control.is_twin}});
  }
  json["passed"] = report.passed;
  json["conclusive"] = report.is_conclusive;
}

int verify_exit_code(const braid::VerifyReport& report, bool strict) {
  const bool is_good = report.passed && (report.is_conclusive || !strict);
  return is_good ? 0 : static_cast<int>(braid::ErrorKind::CheckFailed);
}
