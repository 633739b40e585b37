#include "tools/model_files.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "tools/log.hpp"
#include "tools/text.hpp"

using braid::Error;
using braid::ErrorKind;

std::vector<std::string> weightless_names(const braid::Graph& graph) {
  std::vector<std::string> names;
  for (const braid::Value& value : graph.values) {
    if (value.is_constant() && !value.constant.has_data()) names.push_back(value.name);
  }
  return names;
}

std::uint64_t weight_bytes(const braid::Graph& graph) {
  std::uint64_t bytes = 0;
  for (const braid::Value& value : graph.values) {
    if (value.is_constant()) bytes += value.constant.bytes();
  }
  return bytes;
}

namespace {

braid::Model load_checked(const std::filesystem::path& path, Weights weights) {
  braid::Model model = braid::load_model(path);
  const std::vector<std::string> names = weightless_names(model.graph);
  if (weights == Weights::MustBeThere && !names.empty()) {
    throw Error(
        ErrorKind::BadInput,
        fmt::format("{}: {} without data, '{}' the first: the model has no weights; fill it "
                    "with braid synth",
                    path.string(), plural(static_cast<std::int64_t>(names.size()), "tensor"),
                    names[0]));
  }
  return model;
}

}  // namespace

std::vector<braid::Member> load_all(const Paths& paths, Weights weights) {
  std::vector<braid::Member> members;
  std::vector<std::string> names = braid::member_names(paths);
  int first_code = 0;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    spdlog::debug("loading {}", paths[i].string());
    try {
      members.push_back({std::move(names[i]), paths[i], load_checked(paths[i], weights)});
    } catch (const Error& error) {
      print_error(error.what());
      if (first_code == 0) first_code = static_cast<int>(error.kind());
    }
  }
  if (first_code != 0) throw AlreadyReported{first_code};
  return members;
}

void rethrow_with_file(const Error& error, const std::filesystem::path& path) {
  const std::string message = error.what();
  if (message.starts_with(path.string())) throw error;
  throw Error(error.kind(), path.string() + ": " + message);
}

void check_output(const std::filesystem::path& path, bool overwrite) {
  std::error_code ignored;
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  if (!std::filesystem::is_directory(folder, ignored)) {
    throw Error(ErrorKind::Output, path.string() + ": the folder " + folder.string() +
                                       " does not exist; make it first");
  }
  if (std::filesystem::is_directory(path, ignored)) {
    throw Error(ErrorKind::Output, path.string() + ": is a folder; name a file");
  }
  if (!overwrite && std::filesystem::exists(path, ignored)) {
    throw Error(ErrorKind::Output,
                path.string() + ": exists already; choose another name or pass --force");
  }
}

namespace {

// An option whose value is one of several words.
template <class T>
void add_choice(CLI::App& verb, const std::string& name, const std::map<std::string, T>& choices,
                T& value, const std::string& type, const std::string& help) {
  const auto parse = [name, choices, &value](const std::string& text) {
    const auto found = choices.find(text);
    if (found == choices.end()) {
      std::string words;
      for (const auto& [word, choice] : choices)
        words += (words.empty() ? "" : ", ") + word;
      throw CLI::ValidationError(name + " " + text, "is none of " + words);
    }
    value = found->second;
  };
  verb.add_option_function<std::string>(name, parse, help)->type_name(type);
}

const std::map<std::string, braid::Device>& devices() {
  static const std::map<std::string, braid::Device> names = {
      {"cpu", braid::Device::Cpu},
      {"cuda", braid::Device::Cuda},
      {"cuda-emulated", braid::Device::CudaEmulated},
      {"reference", braid::Device::Reference}};
  return names;
}

const std::map<std::string, braid::Precision>& precisions() {
  static const std::map<std::string, braid::Precision> names = {
      {"fp32", braid::Precision::Float32},
      {"tf32", braid::Precision::TensorFloat32},
      {"fp16", braid::Precision::Float16},
      {"bf16", braid::Precision::BFloat16}};
  return names;
}

}  // namespace

std::string name_of(braid::Device device) {
  const auto found = std::find_if(devices().begin(), devices().end(),
                                  [&](const auto& each) { return each.second == device; });
  return found->first;
}

std::string name_of(braid::Precision precision) {
  const auto found = std::find_if(precisions().begin(), precisions().end(),
                                  [&](const auto& each) { return each.second == precision; });
  return found->first;
}

void add_device_options(CLI::App& verb, braid::Device& device, braid::Precision& precision) {
  add_choice(verb, "--device", devices(), device, "DEVICE",
             "Where to compute: cpu (the default), cuda, cuda-emulated: its kernels on the "
             "processor, slow, for tests, or reference: plain loops");
  add_choice(verb, "--precision", precisions(), precision, "PRECISION",
             "Of floats on a GPU: fp32 (the default); tf32, where it has that, for products alone; "
             "fp16 or bf16 for weights, and for values between steps");
}

void add_tuning_options(CLI::App& verb, braid::Tuning& tuning) {
  verb.add_flag_callback(
      "--tune", [&tuning] { tuning.measures = true; },
      "Measure the kernels that a GPU has for a layer, and take the fastest; so it is by default");
  verb.add_flag_callback(
      "--no-tune", [&tuning] { tuning.measures = false; },
      "Let a model of the device choose kernels");
  verb.add_option("--tune-cache", tuning.file,
                  "Where measured times are kept; else in $XDG_CACHE_HOME/braid, by device")
      ->type_name("FILE");
}

CLI::Option* add_dims_option(CLI::App& verb, std::vector<std::string>& texts,
                             const std::string& help) {
  return verb.add_option("--dim", texts, help)
      ->type_name("NAME=SIZE")
      ->take_all()
      ->allow_extra_args(false);
}

std::map<std::string, std::int64_t> parse_dims(const std::vector<std::string>& texts) {
  std::map<std::string, std::int64_t> dims;
  for (const std::string& text : texts) {
    const std::size_t equals = text.rfind('=');
    std::int64_t size = 0;
    const char* end = text.data() + text.size();
    const bool is_valid = equals != std::string::npos && equals > 0 &&
                          std::from_chars(text.data() + equals + 1, end, size).ptr == end &&
                          size > 0;
    if (!is_valid) {
      throw Error(ErrorKind::Usage,
                  "--dim " + text + ": is not NAME=SIZE with a size of 1 or more");
    }
    dims[text.substr(0, equals)] = size;
  }
  return dims;
}

void check_dims(const std::map<std::string, std::int64_t>& dims,
                const std::vector<const braid::Graph*>& graphs) {
  std::set<std::string> symbols;
  for (const braid::Graph* graph : graphs) {
    for (const braid::ValueId id : graph->inputs) {
      const braid::Type& type = graph->value(id).type;
      if (!type.shape) continue;
      for (const braid::Dim& dim : *type.shape) {
        if (!dim.symbol.empty()) symbols.insert(dim.symbol);
      }
    }
  }
  for (const auto& [name, size] : dims) {
    if (symbols.contains(name)) continue;
    const std::vector<std::string> known(symbols.begin(), symbols.end());
    throw Error(ErrorKind::Usage,
                fmt::format("--dim {}={}: the inputs have no dimension '{}'; they have {}", name,
                            size, name, known.empty() ? "only fixed ones" : join(known)));
  }
}
