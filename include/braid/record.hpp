#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "braid/merge.hpp"

namespace braid {

/// A file of a member.
struct RecordedFile {
  std::string location;  ///< of external data, relative to the model file; "": the model file
  std::uint64_t bytes = 0;
  std::string hash;  ///< XXH3, 128 bits, as 32 hexadecimal digits
};

struct RecordedMember {
  std::string name;
  std::string file;                 ///< name of its model file, without folders
  std::vector<RecordedFile> files;  ///< the model file first
};

/// Members that were merged with each other.
struct RecordedGroup {
  std::vector<std::string> members;
  std::int64_t architectures = 1;
  Sharing sharing;
};

struct RecordData;

/// What a merged model knows of its members: how their files are made of its own weights
/// (docs/adr/0010-record.md). It holds as long as nothing but Braid rewrites the file.
class Record {
 public:
  /// The record of a merged model; nothing if it has none. Throws Error (BadInput) if it is damaged
  /// or of a newer version; `path` names the file in messages.
  static std::optional<Record> of(const Model& merged, const std::filesystem::path& path);

  const std::vector<RecordedMember>& members() const;
  const std::vector<RecordedGroup>& groups() const;
  const RecordedMember* find(const std::string& name) const;

  /// Bytes of the members' weights, each distinct one counted once, and of those how many the
  /// merged model keeps only for this record, because no node reads them as they were.
  std::uint64_t weight_bytes() const;
  std::uint64_t kept_bytes() const;

  /// Everything that is not as it was when the model was written, one line each: the structure, and
  /// each weight by name. Reads all weights.
  std::vector<std::string> damages() const;

  /// The member as load_model() of its own file would give it; its weights lie in the merged
  /// model's files. Its path is "MERGED/FILE". Throws Error (BadInput) if its weights or the
  /// structure are not as they were.
  Member member(const std::string& name) const;

  /// Writes the files of a member as they were, byte for byte: the model file as `path`, external
  /// data where the model expects them beside it. Throws Error (BadInput, Output).
  void extract(const std::string& name, const std::filesystem::path& path, bool overwrite) const;

  /// True if a model is like this merged one in all but metadata and the values of weights.
  bool has_structure_of(const Model& model) const;

  /// The options that the model was merged with. Throws Error (BadInput).
  MergeOptions options() const;

 private:
  explicit Record(std::shared_ptr<const RecordData> data) : data_(std::move(data)) {}

  std::shared_ptr<const RecordData> data_;
};

/// Puts in the place of each merged model with a record the members that it was merged from.
std::vector<Member> expand_members(std::vector<Member> members);

/// The merged model with the member `name` replaced by `replacement`, of the same architecture.
/// All else, and all other members' weights, stay as they are. Throws Error (CannotMerge) with the
/// reason if the model would no longer have the same structure: another architecture, a weight that
/// other members share and that is different now, or one that now equals theirs.
Merged refit(const Record& record, const std::string& name, Model replacement);

}  // namespace braid
