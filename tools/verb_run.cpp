// braid run MODEL: computes the outputs of a model from given or seeded random inputs.

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "braid/compile.hpp"
#include "braid/error.hpp"
#include "braid/npz.hpp"
#include "braid/onnx.hpp"
#include "braid/verify.hpp"
#include "tools/json_report.hpp"
#include "tools/model_files.hpp"
#include "tools/process_memory.hpp"
#include "tools/program_answer.hpp"
#include "tools/text.hpp"
#include "tools/value_range.hpp"
#include "tools/verbs.hpp"

namespace {

using braid::Error;
using braid::ErrorKind;

using Clock = std::chrono::steady_clock;

struct RunArguments {
  std::filesystem::path model;
  std::filesystem::path inputs;
  std::filesystem::path outputs;
  std::uint64_t seed = 0;
  std::vector<std::string> dims;
  std::vector<std::string> members;
  braid::Device device = braid::Device::Cpu;
  braid::Precision precision = braid::Precision::Float32;
  braid::Tuning tuning;
  int threads = 0;
  int repeat = 1;
  double min_seconds = 0;
  bool dumps_program = false;
  bool profiles = false;
  std::filesystem::path trace;
  bool force = false;
  std::string json;
};

std::string expected(const std::vector<braid::Port>& ports) {
  std::vector<std::string> texts;
  for (const braid::Port& port : ports)
    texts.push_back(format_port(port.name, port.type));
  return "the model takes " + (texts.empty() ? std::string("no inputs") : join(texts));
}

// The tensors of a .npz in the order of the ports; each port has one and each one has a port.
std::vector<braid::Datum> arrange(braid::NamedTensors given, const std::vector<braid::Port>& ports,
                                  const std::filesystem::path& path) {
  std::vector<std::string> missing;
  std::vector<braid::Datum> tensors;
  for (const braid::Port& port : ports) {
    const auto at = std::find_if(given.begin(), given.end(),
                                 [&](const auto& entry) { return entry.first == port.name; });
    if (at == given.end()) {
      missing.push_back("'" + port.name + "'");
      continue;
    }
    tensors.push_back(std::move(at->second));
    given.erase(at);
  }
  std::vector<std::string> unknown;
  for (const auto& entry : given)
    unknown.push_back("'" + entry.first + "'");
  if (missing.empty() && unknown.empty()) return tensors;
  throw Error(
      ErrorKind::BadInput,
      fmt::format("{}: {}{}{}; {}", path.string(),
                  missing.empty() ? "" : "no array " + join(missing),
                  missing.empty() || unknown.empty() ? "" : ", and ",
                  unknown.empty() ? "" : "no input is called " + join(unknown), expected(ports)));
}

// A folder as the test data of ONNX has it: input_0.pb, input_1.pb, and so on.
std::vector<braid::Datum> load_folder(const std::filesystem::path& folder,
                                      const std::vector<braid::Port>& ports) {
  std::vector<braid::Datum> data;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const auto file = folder / fmt::format("input_{}.pb", i);
    if (!std::filesystem::exists(file)) {
      throw Error(ErrorKind::BadInput,
                  fmt::format("{}: no such file; {}, each in a file input_N.pb", file.string(),
                              expected(ports)));
    }
    data.push_back(braid::load_datum(file, ports[i].type));
  }
  return data;
}

std::vector<braid::Datum> load_inputs(const std::filesystem::path& path,
                                      const std::vector<braid::Port>& ports) {
  if (std::filesystem::is_directory(path)) return load_folder(path, ports);
  if (path.extension() == ".npz") return arrange(braid::load_npz(path), ports, path);
  const bool is_message = path.extension() == ".pb";
  if (path.extension() != ".npy" && !is_message) {
    throw Error(ErrorKind::BadInput, path.string() +
                                         ": is neither .npz nor .npy nor .pb; save the inputs "
                                         "with numpy.savez");
  }
  if (ports.size() != 1) {
    throw Error(ErrorKind::BadInput,
                path.string() + ": holds one array; give a .npz, for " + expected(ports));
  }
  if (is_message) return {braid::load_datum(path, ports[0].type)};
  return {braid::load_npy(path)};
}

std::vector<braid::Datum> inputs_of(const RunArguments& arguments, const braid::Model& model,
                                    const std::vector<braid::Port>& ports) {
  if (!arguments.inputs.empty()) return load_inputs(arguments.inputs, ports);
  const auto dims = parse_dims(arguments.dims);
  check_dims(dims, {&model.graph});
  spdlog::info("no --inputs: random ones from seed {}", arguments.seed);
  return braid::to_data(braid::sample_inputs(model, ports, arguments.seed, dims));
}

void put_outputs(const braid::NamedTensors& outputs, const Answer& answer, Json& json) {
  Table table({"output", "type", "min", "mean", "max", "NaN"});
  json["outputs"] = Json::array();
  for (const auto& [name, output] : outputs) {
    const ValueRange range = value_range(output);
    const bool has_values = range.counted > 0;
    const auto show = [&](double value) {
      return has_values ? fmt::format("{:.6g}", value) : std::string("-");
    };
    table.add({name, braid::describe(output), show(range.min), show(range.mean), show(range.max),
               format_count(range.nan_count)});
    Json entry = {{"name", name}, {"dtype", braid::dtype_name(output.dtype())}};
    entry["dims"] = output.dims();
    entry["min"] = has_values ? json_number(range.min) : Json(nullptr);
    entry["mean"] = has_values ? json_number(range.mean) : Json(nullptr);
    entry["max"] = has_values ? json_number(range.max) : Json(nullptr);
    entry["nan"] = range.nan_count;
    json["outputs"].push_back(std::move(entry));
  }
  answer.line("{}", table.text("", {2, 3, 4, 5}));
}

braid::NamedTensors named_outputs(const std::vector<braid::Port>& ports,
                                  const std::vector<braid::Datum>& outputs) {
  braid::NamedTensors named;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    for (auto& entry : braid::name_tensors(ports[i].name, outputs[i]))
      named.push_back(std::move(entry));
  }
  return named;
}

double ms_between(Clock::time_point start, Clock::time_point end) {
  return std::chrono::duration<double, std::milli>(end - start).count();
}

// The first run makes the Program, and counts only if there is no other.
void put_times(std::vector<double> seconds, Json& json) {
  json["seconds"] = seconds[0];
  if (seconds.size() > 1) seconds.erase(seconds.begin());
  std::sort(seconds.begin(), seconds.end());
  json["median_ms"] = seconds[seconds.size() / 2] * 1e3;
  json["min_ms"] = seconds[0] * 1e3;
  json["first_ms"] = json["seconds"].get<double>() * 1e3;
}

// What the weights take beside the memory of the whole process, and what was lost or went wrong.
void put_memory(const braid::Executable& program, const std::vector<braid::Datum>& inputs,
                const ProcessMemory& process, Json& json) {
  const braid::ProgramReport report = program.report(inputs);
  json["memory"] = {{"weight_bytes", report.weight_bytes},
                    {"packed_bytes", report.packed_bytes},
                    {"resident_bytes", process.resident},
                    {"anonymous_bytes", process.anonymous},
                    {"peak_bytes", process.peak}};
  json["warnings"] = report.warnings;
  for (const std::string& warning : report.warnings)
    spdlog::warn("WARNING: {}", warning);
}

// Seconds of each run. The first one plans and packs.
std::vector<double> run_often(const braid::Executable& program,
                              const std::vector<braid::Datum>& inputs,
                              const RunArguments& arguments, std::vector<braid::Datum>& outputs) {
  std::vector<double> seconds;
  double spent = 0;
  for (int r = 0; r < arguments.repeat || spent < arguments.min_seconds; ++r) {
    const Clock::time_point start = Clock::now();
    outputs = program.run(inputs);
    seconds.push_back(ms_between(start, Clock::now()) * 1e-3);
    if (r > 0) spent += seconds.back();
  }
  return seconds;
}

void show_program(const braid::Executable& program, const std::vector<braid::Datum>& inputs,
                  const RunArguments& arguments, const Answer& answer, Json& json) {
  const bool has_times = arguments.profiles || !arguments.trace.empty();
  if (!arguments.dumps_program && !has_times) return;
  const braid::ProgramReport report =
      has_times ? program.profile(inputs, arguments.repeat) : program.report(inputs);
  put_program(report, has_times, answer, json);
  if (arguments.trace.empty()) return;
  write_trace(report, arguments.trace);
  answer.line("wrote {}", arguments.trace.string());
}

int run_run(const RunArguments& arguments, const Session& session) {
  check_report(arguments.json);
  if (!arguments.inputs.empty() && !arguments.dims.empty()) {
    throw Error(ErrorKind::Usage, "--dim: is for random inputs; leave it out beside --inputs");
  }
  if (!arguments.outputs.empty()) check_output(arguments.outputs, arguments.force);
  check_report(arguments.trace.string());
  const Clock::time_point start = Clock::now();
  const std::vector<braid::Member> models = load_all({arguments.model}, Weights::MustBeThere);
  const braid::Model& model = models[0].model;
  const Answer answer(takes_stdout(arguments.json));
  Json json = new_report("run", session);
  try {
    const Clock::time_point loaded = Clock::now();
    const braid::Executable program =
        braid::compile(model, {arguments.device, arguments.threads, arguments.members,
                               arguments.precision, arguments.tuning});
    json["load_ms"] = ms_between(start, loaded);
    json["compile_ms"] = ms_between(loaded, Clock::now());
    const std::vector<braid::Datum> inputs = inputs_of(arguments, model, program.inputs());
    spdlog::info("running {}", arguments.model.string());
    std::vector<braid::Datum> outputs;
    std::vector<double> seconds = run_often(program, inputs, arguments, outputs);
    const std::size_t runs = seconds.size();
    const ProcessMemory memory = measure_memory();
    const braid::NamedTensors named = named_outputs(program.outputs(), outputs);
    put_outputs(named, answer, json);
    put_memory(program, inputs, memory, json);
    put_times(std::move(seconds), json);
    show_program(program, inputs, arguments, answer, json);
    if (!arguments.outputs.empty()) {
      braid::save_npz(arguments.outputs, named, arguments.force);
      answer.line("wrote {}", arguments.outputs.string());
    }
    answer.line("computed in {:.3f} ms, median of {}", json["median_ms"].get<double>(),
                plural(static_cast<std::int64_t>(runs), "run"));
  } catch (const Error& error) {
    const bool is_about_model =
        error.kind() == ErrorKind::BadInput || error.kind() == ErrorKind::Unsupported;
    const bool names_inputs = !arguments.inputs.empty() &&
                              std::string(error.what()).starts_with(arguments.inputs.string());
    if (!is_about_model || names_inputs) throw;
    rethrow_with_file(error, arguments.model);
  }
  write_report(json, arguments.json);
  return 0;
}

}  // namespace

void add_run(CLI::App& app, Session& session) {
  CLI::App& verb = *app.add_subcommand("run", "Compute the outputs of a model");
  auto arguments = std::make_shared<RunArguments>();
  verb.add_option("model", arguments->model, "Any ONNX model")->required()->type_name("MODEL");
  verb.add_option("--inputs", arguments->inputs,
                  "Arrays under the names of the inputs; one input: also a .npy or .pb; a folder: "
                  "input_0.pb, input_1.pb, and so on. Else random ones")
      ->type_name("IN.npz|DIR");
  verb.add_option("--outputs", arguments->outputs, "Write the outputs under their names")
      ->type_name("OUT.npz");
  verb.add_option("--seed", arguments->seed, "Of random inputs")
      ->check(CLI::NonNegativeNumber)
      ->type_name("S");
  add_dims_option(verb, arguments->dims);
  verb.add_option("--members", arguments->members,
                  "Of a merged model compute only what these need, from their inputs alone")
      ->delimiter(',')
      ->type_name("NAME,...");
  add_device_options(verb, arguments->device, arguments->precision);
  add_tuning_options(verb, arguments->tuning);
  verb.add_option("--threads", arguments->threads, "As many as there are cores if not given")
      ->check(CLI::PositiveNumber)
      ->type_name("T");
  verb.add_option("--repeat", arguments->repeat, "Run so often; the first run is not timed")
      ->check(CLI::PositiveNumber)
      ->type_name("K");
  verb.add_option("--min-time", arguments->min_seconds,
                  "Run until the runs took so many seconds, without the first")
      ->check(CLI::NonNegativeNumber)
      ->type_name("S");
  verb.add_flag("--dump-program", arguments->dumps_program,
                "Show the steps: kernels, shapes, and offsets in memory");
  verb.add_flag("--profile", arguments->profiles, "Show the steps with the time that each takes");
  verb.add_option("--trace", arguments->trace,
                  "Profile, and write the steps as a trace that ui.perfetto.dev opens")
      ->type_name("FILE");
  verb.add_flag("--force", arguments->force, "Replace OUT.npz if it exists");
  add_json_option(verb, arguments->json);
  on_verb(verb, session, arguments, run_run);
}
