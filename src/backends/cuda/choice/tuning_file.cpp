// {"format": "braid-tuned", "version": 2,
//  "devices": {"NVIDIA H100, sm_90, ...": {"product fp32 ...": {
//      "kernel": "large tiles", "us": {"large tiles": 12.3, "small tiles": 45.6}}}}}

#include "backends/cuda/choice/tuning_file.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "braid/error.hpp"
#include "support/output_file.hpp"

namespace braid {
namespace {

using Json = nlohmann::json;

constexpr const char* kFormat = "braid-tuned";
constexpr int kVersion = 2;  // of the file, and of what candidates' names mean

TuningFile::Entry entry_of(const Json& json) {
  TuningFile::Entry entry{json.at("kernel").get<std::string>(), {}};
  for (const auto& [name, us] : json.at("us").items())
    entry.seconds[name] = us.get<double>() * 1e-6;
  if (!entry.seconds.contains(entry.kernel)) json.at("us").at(entry.kernel);  // throws
  return entry;
}

Json json_of(const TuningFile::Entry& entry) {
  Json times = Json::object();
  for (const auto& [name, seconds] : entry.seconds)
    times[name] = seconds * 1e6;
  return {{"kernel", entry.kernel}, {"us", times}};
}

}  // namespace

TuningFile::TuningFile(std::filesystem::path path, std::string device)
    : path_(std::move(path)), device_(std::move(device)) {
  entries_ = read()[device_];
}

std::optional<TuningFile::Entry> TuningFile::find(const std::string& layer) const {
  const auto found = entries_.find(layer);
  return found == entries_.end() ? std::nullopt : std::optional(found->second);
}

void TuningFile::put(const std::string& layer, Entry entry) {
  entries_[layer] = std::move(entry);
  if (path_.empty()) return;
  std::map<std::string, Entries> devices = read();
  Entries all = entries_;  // what was measured here wins
  all.merge(devices[device_]);
  devices[device_] = std::move(all);
  write(devices);
}

std::map<std::string, TuningFile::Entries> TuningFile::read() {
  std::map<std::string, Entries> devices;
  std::error_code ignored;
  if (path_.empty() || !std::filesystem::exists(path_, ignored)) return devices;
  try {
    std::ifstream file(path_);
    const Json json = Json::parse(file);
    if (json.at("format") != kFormat || json.at("version") != kVersion) {
      warn("is of another format or version, and is written anew");
      return devices;
    }
    for (const auto& [device, layers] : json.at("devices").items()) {
      for (const auto& [layer, entry] : layers.items())
        devices[device][layer] = entry_of(entry);
    }
  } catch (const Json::exception& error) {
    warn(std::string("is damaged and is written anew: ") + error.what());
    devices.clear();
  }
  return devices;
}

void TuningFile::write(const std::map<std::string, Entries>& devices) {
  Json json = {{"format", kFormat}, {"version", kVersion}, {"devices", Json::object()}};
  for (const auto& [device, layers] : devices) {
    for (const auto& [layer, entry] : layers)
      json["devices"][device][layer] = json_of(entry);
  }
  try {
    std::error_code ignored;  // the file tells
    std::filesystem::create_directories(path_.parent_path(), ignored);
    OutputFile file(path_, true, OutputFile::Role::Cache);
    file.write(json.dump(1) + "\n");
    file.commit();
  } catch (const Error& error) {
    warn(std::string("cannot be written, kernels are measured again each time: ") + error.what());
    path_.clear();
  }
}

void TuningFile::warn(const std::string& text) {
  const std::string warning = path_.string() + ": the file of measured kernels " + text;
  if (std::ranges::find(warnings_, warning) == warnings_.end()) warnings_.push_back(warning);
}

std::filesystem::path default_tuning_file(const std::string& device) {
  const auto folder_of = [](const char* variable) -> std::filesystem::path {
    const char* const value = std::getenv(variable);
    return value == nullptr ? "" : value;
  };
  std::filesystem::path cache = folder_of("XDG_CACHE_HOME");
  if (cache.empty() && !folder_of("HOME").empty()) cache = folder_of("HOME") / ".cache";
  if (cache.empty()) return {};
  std::string name = device;
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0; }, '-');
  return cache / "braid" / ("tuned-" + name + ".json");
}

}  // namespace braid
