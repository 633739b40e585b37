#include "property/take_apart.hpp"

#include "braid/onnx.hpp"
#include "braid/record.hpp"
#include "unit/support/temporary_folder.hpp"

namespace braid::property {
namespace {

namespace fs = std::filesystem;

void merge_files(const std::vector<Member>& members, const fs::path& folder, const fs::path& output,
                 const MergeOptions& options) {
  std::vector<Member> loaded;
  for (const Member& member : members) {
    const fs::path path = folder / (member.name + ".onnx");
    loaded.push_back({member.name, path, load_model(path)});
  }
  save_model(merge(std::move(loaded), options).model, output, {.overwrite = true});
}

}  // namespace

std::string take_apart(const std::vector<Member>& members, const MergeOptions& options) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "back");
  for (const Member& member : members)
    save_model(member.model, folder / (member.name + ".onnx"));
  merge_files(members, folder.path(), folder / "merged", options);
  const Model merged = load_model(folder / "merged");
  const auto record = Record::of(merged, folder / "merged");
  if (!record) return "the merged file has no record";
  if (const auto damages = record->damages(); !damages.empty()) return damages[0];
  for (const Member& member : members) {
    const std::string file = member.name + ".onnx";
    record->extract(member.name, folder / ("back/" + file), false);
    if (read_file(folder / file) != read_file(folder / ("back/" + file)))
      return member.name + " comes back with other bytes";
  }
  merge_files(members, folder / "back", folder / "again", options);
  if (read_file(folder / "merged") != read_file(folder / "again"))
    return "merging what came out gives another file";
  std::vector<Member> whole = {{"merged", folder / "merged", merged}};
  save_model(merge(expand_members(std::move(whole)), options).model, folder / "within");
  if (read_file(folder / "merged") != read_file(folder / "within"))
    return "merging the members within the file gives another file";
  return "";
}

}  // namespace braid::property
