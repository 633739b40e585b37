// braid extract MERGED MEMBER... -o OUT, braid split MERGED -o DIR: members back out, byte for
// byte.

#include <spdlog/spdlog.h>

#include <memory>

#include "braid/error.hpp"
#include "tools/json_report.hpp"
#include "tools/merged_file.hpp"
#include "tools/model_files.hpp"
#include "tools/text.hpp"
#include "tools/verbs.hpp"

namespace {

using braid::Error;
using braid::ErrorKind;
namespace fs = std::filesystem;

struct ExtractArguments {
  fs::path merged;
  std::vector<std::string> members;
  bool all = false;
  fs::path output;
  bool force = false;
  std::string json;
};

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

// A member with external data gets a folder of its own, where no other's data have the same name.
fs::path path_in(const fs::path& folder, const braid::RecordedMember& member) {
  if (fs::path(member.name).filename() != member.name || member.name.starts_with('.')) {
    throw Error(ErrorKind::Usage, "member '" + member.name +
                                      "': its name is none for a file; extract it alone, with the "
                                      "file's name as -o");
  }
  const fs::path file = member.name + ".onnx";
  return member.files.size() == 1 ? folder / file : folder / member.name / file;
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(ErrorKind::Output, folder.string() + ": " + error.message());
}

Json extract_one(const braid::Record& record, const std::string& name, const fs::path& path,
                 bool force, const Answer& answer) {
  spdlog::info("writing {}", path.string());
  record.extract(name, path, force);
  const braid::RecordedMember& member = *record.find(name);
  std::uint64_t bytes = 0;
  for (const braid::RecordedFile& file : member.files)
    bytes += file.bytes;
  answer.line("{:<20} {}  {}  {}", name, path.string(), format_bytes(bytes), member.files[0].hash);
  return {{"name", name},
          {"path", path.string()},
          {"bytes", bytes},
          {"xxh3_128", member.files[0].hash}};
}

void check_names(const braid::Record& record, const ExtractArguments& arguments) {
  for (const std::string& name : arguments.members) {
    if (record.find(name) != nullptr) continue;
    std::vector<std::string> names;
    for (const braid::RecordedMember& member : record.members())
      names.push_back(member.name);
    throw Error(ErrorKind::Usage, arguments.merged.string() + ": has no member '" + name +
                                      "'; it has " + join(names));
  }
}

int run_extract(const ExtractArguments& arguments, const Session& session) {
  check_report(arguments.json);
  if (arguments.members.empty() != arguments.all)
    throw Error(ErrorKind::Usage, "extract: name the members, or pass --all");
  const braid::Record record = load_record(arguments.merged);
  check_names(record, arguments);
  std::vector<std::string> names = arguments.members;
  if (arguments.all) {
    for (const braid::RecordedMember& member : record.members())
      names.push_back(member.name);
  }
  const bool is_one_file = !arguments.all && names.size() == 1 && !is_folder(arguments.output);
  std::vector<fs::path> paths;
  for (const std::string& name : names) {
    paths.push_back(is_one_file ? arguments.output : path_in(arguments.output, *record.find(name)));
    if (!is_one_file) make_folder(paths.back().parent_path());
    check_output(paths.back(), arguments.force);
  }
  const Answer answer(takes_stdout(arguments.json));
  Json json = new_report("extract", session);
  json["merged"] = arguments.merged.string();
  json["members"] = Json::array();
  for (std::size_t i = 0; i < names.size(); ++i)
    json["members"].push_back(extract_one(record, names[i], paths[i], arguments.force, answer));
  write_report(json, arguments.json);
  return 0;
}

void add_common(CLI::App& verb, ExtractArguments& arguments, const char* output_type,
                const char* output_help) {
  verb.add_option("-o,--output", arguments.output, output_help)->required()->type_name(output_type);
  verb.add_flag("--force", arguments.force, "Replace files that exist");
  add_json_option(verb, arguments.json);
}

}  // namespace

void add_extract(CLI::App& app, Session& session) {
  CLI::App& verb =
      *app.add_subcommand("extract", "Write members of a merged model as the files they were");
  auto arguments = std::make_shared<ExtractArguments>();
  verb.add_option("merged", arguments->merged, "The merged model")->required()->type_name("MERGED");
  verb.add_option("members", arguments->members, "Their names, as braid inspect tells")
      ->type_name("MEMBER");
  verb.add_flag("--all", arguments->all, "All members, as braid split does");
  add_common(verb, *arguments, "OUT", "The file of the member; a folder for several");
  on_verb(verb, session, arguments, run_extract);
}

void add_split(CLI::App& app, Session& session) {
  CLI::App& verb = *app.add_subcommand(
      "split", "Undo a merge: write all members of a merged model as the files they were");
  auto arguments = std::make_shared<ExtractArguments>();
  arguments->all = true;
  verb.add_option("merged", arguments->merged, "The merged model")->required()->type_name("MERGED");
  add_common(verb, *arguments, "DIR", "The folder to write them to; made if it does not exist");
  on_verb(verb, session, arguments, run_extract);
}
