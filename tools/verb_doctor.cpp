// braid doctor: what of a GPU's software is there, and whether the kernels compute right on it.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "braid/doctor.hpp"
#include "tools/json_report.hpp"
#include "tools/model_files.hpp"
#include "tools/text.hpp"
#include "tools/verbs.hpp"

namespace {

struct DoctorArguments {
  std::string json;
};

// The GPU, or where there is none what stands in for it.
braid::Device checked_device(const std::vector<braid::Finding>& findings) {
  const bool has_gpu = std::any_of(findings.begin(), findings.end(), [](const auto& finding) {
    return finding.what.starts_with("GPU") && finding.is_there;
  });
  return has_gpu ? braid::Device::Cuda : braid::Device::CudaEmulated;
}

std::string result_of(const braid::KernelCheck& check) {
  if (!check.failure.empty()) return "FAILED: " + check.failure;
  return fmt::format("{}, error {:.1e}", check.passed ? "ok" : "WRONG", check.error);
}

void print_answer(const std::vector<braid::Finding>& findings, const std::string& device,
                  const std::vector<braid::KernelCheck>& checks, const Answer& answer) {
  for (const braid::Finding& finding : findings)
    answer.line("{:<24} {}  {}", finding.what, finding.is_there ? "yes" : "no ", finding.detail);
  answer.line("kernels on {}:", device);
  Table table({"family", "result", "kernels"});
  for (const braid::KernelCheck& check : checks)
    table.add({check.family, result_of(check), join(check.kernels)});
  answer.line("{}", table.text("", {}));
}

Json json_answer(const std::vector<braid::Finding>& findings,
                 const std::vector<braid::KernelCheck>& checks) {
  Json json = {{"findings", Json::array()}, {"kernels", Json::array()}};
  for (const braid::Finding& finding : findings) {
    json["findings"].push_back(
        {{"what", finding.what}, {"is_there", finding.is_there}, {"detail", finding.detail}});
  }
  for (const braid::KernelCheck& check : checks) {
    json["kernels"].push_back({{"family", check.family},
                               {"kernels", check.kernels},
                               {"error", json_number(check.error)},
                               {"passed", check.passed},
                               {"failure", check.failure}});
  }
  return json;
}

int run_doctor(const DoctorArguments& arguments, const Session& session) {
  check_report(arguments.json);
  const std::vector<braid::Finding> findings = braid::examine_cuda();
  const braid::Device device = checked_device(findings);
  const std::vector<braid::KernelCheck> checks = braid::check_kernels(device);
  print_answer(findings, name_of(device), checks, Answer(takes_stdout(arguments.json)));
  Json json = new_report("doctor", session);
  json["device"] = name_of(device);
  json.update(json_answer(findings, checks));
  write_report(json, arguments.json);
  const bool passed =
      std::all_of(checks.begin(), checks.end(), [](const auto& check) { return check.passed; });
  return passed ? 0 : 1;
}

}  // namespace

void add_doctor(CLI::App& app, Session& session) {
  CLI::App& verb = *app.add_subcommand("doctor",
                                       "Tell what there is for computing on a GPU, and try the "
                                       "kernels there, or on the emulated one");
  auto arguments = std::make_shared<DoctorArguments>();
  add_json_option(verb, arguments->json);
  on_verb(verb, session, arguments, run_doctor);
}
