#include "braid/verify.hpp"

#include <algorithm>
#include <unordered_map>

#include "braid/error.hpp"
#include "verify/combine.hpp"
#include "verify/compare_outputs.hpp"
#include "verify/merged_ports.hpp"
#include "verify/provenance.hpp"
#include "verify/random.hpp"
#include "verify/trial.hpp"
#include "verify/twins.hpp"

namespace braid {
namespace {

// Runs `action`; an error tells whose it is.
template <class Action>
auto in_place(const std::string& place, Action action) {
  try {
    return action();
  } catch (const Error& error) {
    throw Error(error.kind(), place + ": " + error.what());
  }
}

std::string place_of(const Member& member) {
  return member.path.empty() ? "member '" + member.name + "'" : member.path.string();
}

std::vector<Trial> make_trials(std::span<const Member> members, const Provenance& provenance,
                               const VerifyOptions& options) {
  std::vector<Trial> trials;
  std::vector<std::vector<std::string>> merged_names(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    trials.push_back(in_place(place_of(members[i]), [&] {
      return make_trial(members[i].model, mix_seed(options.seed, i), options);
    }));
    for (const std::string& name : trials[i].input_names)
      merged_names[i].push_back(provenance.input(members[i].name, name));
  }
  share_samples(trials, merged_names);
  choose_controls(trials);
  return trials;
}

std::size_t weight_bytes(const Model& model) {
  std::size_t bytes = 0;
  for (const Value& value : model.graph.values)
    bytes += value.is_constant() ? value.constant.bytes() : 0;
  return bytes;
}

// Before any of them runs: some of the members may not tell what the others lack.
void check_ports(const Model& merged, const Provenance& provenance, std::span<const Member> members,
                 std::span<const Trial> trials) {
  const auto ports_of = [&](const std::vector<ValueId>& ids) {
    std::vector<Port> ports;
    for (const ValueId id : ids) {
      const Value& value = merged.graph.value(id);
      if (!value.is_constant()) ports.push_back({value.name, value.type});
    }
    return ports;
  };
  MergedPorts(ports_of(merged.graph.inputs), ports_of(merged.graph.outputs), provenance, members,
              trials);
}

// How many members run at once: all, if they are small or if what they yield is combined.
std::size_t members_at_once(const Model& merged, const Provenance& provenance, std::size_t count,
                            std::size_t most_bytes) {
  const std::size_t bytes = weight_bytes(merged);
  const bool tells_members = !provenance.members.empty() && provenance.combined.empty();
  if (bytes <= most_bytes || !tells_members) return count;
  const std::size_t of_one = bytes / provenance.members.size();
  return std::clamp<std::size_t>(most_bytes / std::max<std::size_t>(of_one, 1), 1, count);
}

std::vector<std::string> names_of(std::span<const Member> members) {
  std::vector<std::string> names;
  for (const Member& member : members)
    names.push_back(member.name);
  return names;
}

// `chosen`: as CompileOptions has members. Returns the outputs that combine those of the members.
std::vector<Tensor> run_merged(const Model& merged, const Provenance& provenance,
                               std::span<const Member> members, std::span<Trial> trials,
                               const std::vector<std::string>& chosen, const VerifyOptions& options,
                               VerifyReport& report) {
  const Executable program =
      compile(merged, {options.device, 0, chosen, options.precision, options.tuning});
  const MergedPorts ports(program.inputs(), program.outputs(), provenance, members, trials);
  std::vector<Tensor> inputs(program.inputs().size());
  for (std::size_t i = 0; i < trials.size(); ++i) {
    for (std::size_t k = 0; k < trials[i].inputs.size(); ++k) {
      inputs[ports.input(members[i].name, trials[i].input_names[k])] = trials[i].inputs[k];
    }
  }
  const std::vector<Tensor> outputs = program.run(inputs);
  for (const std::string& warning : program.report(to_data(inputs)).warnings) {
    const bool is_known =
        std::find(report.warnings.begin(), report.warnings.end(), warning) != report.warnings.end();
    if (!is_known) report.warnings.push_back(warning);
  }
  for (std::size_t i = 0; i < trials.size(); ++i) {
    for (const std::string& name : trials[i].output_names) {
      trials[i].merged_outputs.push_back(outputs[ports.output(members[i].name, name)]);
    }
  }
  std::vector<Tensor> combined;
  for (const std::string& name : provenance.combined)
    combined.push_back(outputs[ports.combined(name)]);
  return combined;
}

// All members, in parts that memory holds.
std::vector<Tensor> run_all_merged(const Model& merged, const Provenance& provenance,
                                   std::span<const Member> members, std::vector<Trial>& trials,
                                   const VerifyOptions& options, VerifyReport& report) {
  check_ports(merged, provenance, members, trials);
  const std::size_t at_once =
      members_at_once(merged, provenance, members.size(), options.weight_bytes_at_once);
  if (at_once == members.size())
    return run_merged(merged, provenance, members, trials, {}, options, report);
  for (std::size_t first = 0; first < members.size(); first += at_once) {
    const std::size_t count = std::min(at_once, members.size() - first);
    const std::span<const Member> part = members.subspan(first, count);
    run_merged(merged, provenance, part, std::span(trials).subspan(first, count), names_of(part),
               options, report);
  }
  return {};
}

// What the control's member makes of the other's inputs; empty if it refuses them.
std::vector<Tensor> run_control(const Executable& program, const std::vector<Tensor>& inputs) {
  try {
    return program.run(inputs);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::BadInput) throw;
    return {};
  }
}

bool differ(const std::vector<Tensor>& outputs, const std::vector<Tensor>& others,
            const VerifyOptions& options) {
  return !std::equal(
      outputs.begin(), outputs.end(), others.begin(), others.end(),
      [&](const Tensor& a, const Tensor& b) { return compare_outputs(a, b, options).passed; });
}

// Runs member `at` on its own inputs and, as the negative control, on those of the members before
// it. Returns for each trial whose control it is what it made of that trial's inputs.
std::unordered_map<std::size_t, std::vector<Tensor>> run_member(const Member& member,
                                                                std::size_t at,
                                                                std::vector<Trial>& trials,
                                                                Device device) {
  const Executable program = compile(member.model, {device});
  trials[at].outputs = program.run(trials[at].inputs);
  std::unordered_map<std::size_t, std::vector<Tensor>> controls;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (trials[i].next == at) controls[i] = run_control(program, trials[i].inputs);
  }
  return controls;
}

// Compares the i-th combination of outputs with what the members' own results combine to.
OutputCheck check_combined(std::size_t i, const Tensor& combined, const Provenance& provenance,
                           std::span<const Member> members, const std::vector<Trial>& trials,
                           const VerifyOptions& options) {
  std::vector<Tensor> outputs;
  for (const std::string& name : provenance.members) {
    for (std::size_t m = 0; m < members.size(); ++m) {
      if (members[m].name == name && i < trials[m].outputs.size())
        outputs.push_back(trials[m].outputs[i]);
    }
  }
  if (outputs.size() != provenance.members.size() || outputs.empty()) {
    throw Error(ErrorKind::BadInput, "output '" + provenance.combined[i] +
                                         "' combines outputs that its members do not have");
  }
  OutputCheck check = compare_outputs(combine(provenance.combination, provenance.weights, outputs),
                                      combined, options);
  check.output = provenance.combined[i];
  return check;
}

}  // namespace

double peak_tolerance_of(Precision precision) {
  constexpr double kRoundings = 16;
  switch (precision) {
    case Precision::TensorFloat32:
    case Precision::Float16:
      return kRoundings * 0x1p-11;
    case Precision::BFloat16:
      return kRoundings * 0x1p-8;
    default:
      return 0;
  }
}

VerifyReport verify(const Model& merged, std::span<const Member> members,
                    const VerifyOptions& options) {
  const Provenance provenance = in_place("merged model", [&] { return read_provenance(merged); });
  std::vector<Trial> trials = make_trials(members, provenance, options);
  VerifyReport report{.outputs = {}, .controls = {}, .passed = true, .is_conclusive = true};
  const std::vector<Tensor> combined = in_place("merged model", [&] {
    return run_all_merged(merged, provenance, members, trials, options, report);
  });
  std::unordered_map<std::size_t, std::vector<Tensor>> controls;
  for (std::size_t i = 0; i < members.size(); ++i) {
    controls.merge(in_place(place_of(members[i]),
                            [&] { return run_member(members[i], i, trials, options.device); }));
  }

  for (std::size_t i = 0; i < members.size(); ++i) {
    const Trial& trial = trials[i];
    for (std::size_t k = 0; k < trial.outputs.size(); ++k) {
      OutputCheck check = compare_outputs(trial.outputs[k], trial.merged_outputs[k], options);
      check.member = members[i].name;
      check.output = trial.output_names[k];
      report.passed = report.passed && check.passed;
      report.outputs.push_back(std::move(check));
    }
    if (!trial.next) continue;
    const Member& other = members[*trial.next];
    const ControlCheck control{.member = members[i].name,
                               .other = other.name,
                               .differs = differ(trial.outputs, controls[i], options),
                               .is_twin = are_twins(members[i].model, other.model)};
    report.is_conclusive = report.is_conclusive && (control.differs || control.is_twin);
    report.controls.push_back(control);
  }
  for (std::size_t i = 0; i < combined.size(); ++i) {
    report.outputs.push_back(in_place("merged model", [&] {
      return check_combined(i, combined[i], provenance, members, trials, options);
    }));
    report.passed = report.passed && report.outputs.back().passed;
  }
  return report;
}

}  // namespace braid
