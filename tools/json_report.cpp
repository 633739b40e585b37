#include "tools/json_report.hpp"

#include <cmath>
#include <cstdio>
#include <fstream>

#include "braid/error.hpp"
#include "braid/version.hpp"
#include "tools/model_files.hpp"

void add_json_option(CLI::App& verb, std::string& path) {
  verb.add_option("--json", path,
                  "Write a machine-readable report; - is stdout, without other text")
      ->type_name("FILE");
}

void check_report(const std::string& path) {
  if (!path.empty() && !takes_stdout(path)) check_output(path, /*overwrite=*/true);
}

Json new_report(const std::string& verb, const Session& session) {
  return {{"schema", "braid-" + verb + "-1"},
          {"tool", "braid"},
          {"version", braid::kVersion},
          {"argv", session.argv}};
}

Json json_port(const std::string& name, const braid::Type& type) {
  Json port = {{"name", name}, {"type", braid::to_string(type)}};
  if (!type.is_tensor()) return port;
  port["dtype"] = braid::dtype_name(type.dtype);
  if (!type.shape) return port;
  Json dims = Json::array();
  for (const braid::Dim& dim : *type.shape) {
    if (dim.is_known()) {
      dims.push_back(dim.size);
    } else if (!dim.symbol.empty()) {
      dims.push_back(dim.symbol);
    } else {
      dims.push_back(nullptr);
    }
  }
  port["dims"] = std::move(dims);
  return port;
}

Json json_number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

void write_report(const Json& report, const std::string& path) {
  if (path.empty()) return;
  // Names in a model need not be UTF-8; JSON text must be.
  const std::string text = report.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  if (takes_stdout(path)) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return;
  }
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) {
    throw braid::Error(braid::ErrorKind::Output,
                       path +
                           ": the report cannot be written; check that the folder exists and is "
                           "writable, and that the disk is not full");
  }
}
