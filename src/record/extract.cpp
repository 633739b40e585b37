// The files of a member, byte for byte as they were: skeletons with the weights put in again.

#include <deque>

#include "braid/error.hpp"
#include "braid/model_source.hpp"
#include "record/record_data.hpp"
#include "support/byte_hash.hpp"
#include "support/mapped_file.hpp"
#include "support/output_file.hpp"

namespace braid {
namespace {

namespace fs = std::filesystem;

// External data stay within the model's folder, whatever a record says.
fs::path data_path(const fs::path& model_path, const std::string& location) {
  const fs::path relative = fs::path(location).lexically_normal();
  const bool is_inside = !relative.empty() && relative.is_relative() && *relative.begin() != ".." &&
                         relative.has_filename() && relative.filename() != ".";
  if (!is_inside) {
    throw Error(ErrorKind::BadInput, model_path.string() + ": its external data '" + location +
                                         "' would lie outside its folder, which is refused");
  }
  fs::path path = model_path.parent_path() / relative;
  if (path == model_path) {
    throw Error(ErrorKind::Output,
                model_path.string() + ": is the name of its external data; choose another name");
  }
  return path;
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  if (!folder.empty()) fs::create_directories(folder, error);
  if (error) {
    throw Error(ErrorKind::Output, folder.string() + ": cannot be created: " + error.message());
  }
}

}  // namespace

void Record::extract(const std::string& name, const fs::path& path, bool overwrite) const {
  const Member rebuilt = member(name);
  const std::vector<RecordedFile>& recorded = find(name)->files;
  const std::vector<SourceFile>& files = rebuilt.model.source->files;
  std::deque<OutputFile> outputs;
  for (std::size_t f = 0; f < files.size(); ++f) {
    const fs::path to = f == 0 ? path : data_path(path, files[f].location);
    if (f > 0) make_folder(to.parent_path());
    OutputFile& output = outputs.emplace_back(to, overwrite);
    output.check_room(files[f].image.size());
    ByteHash hash(ByteHash::Width::Bits128);
    files[f].for_each_piece([&](std::span<const std::byte> piece) {
      hash.add(piece);
      output.write(piece);
    });
    if (hash.hex() != recorded[f].hash) {
      throw Error(ErrorKind::BadInput, rebuilt.path.string() +
                                           ": would not be the file that was merged, by its hash; "
                                           "the record is damaged");
    }
  }
  for (OutputFile& output : outputs)
    output.finish();
  MappedFile::check_all_unchanged();
  // The model file last: once it is there, its data are too, and no other model's.
  std::error_code ignored;
  if (outputs.size() > 1) fs::remove(path, ignored);
  for (auto output = outputs.rbegin(); output != outputs.rend(); ++output)
    output->commit();
}

const RecordedMember* Record::find(const std::string& name) const {
  for (const RecordedMember& member : members()) {
    if (member.name == name) return &member;
  }
  return nullptr;
}

}  // namespace braid
