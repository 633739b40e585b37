#pragma once

#include <string>
#include <vector>

#include "braid/merge.hpp"
#include "record/make_record.hpp"

namespace braid {

/// Remembers the files of members before anything changes their models, and records them in what
/// they were merged to.
class MemberRecorder {
 public:
  /// Reads all files, `jobs` at a time.
  MemberRecorder(const std::vector<Member>& members, int jobs);

  /// Of the model files, by member; "" for models that were not loaded from a file.
  std::vector<std::string> file_hashes() const;

  /// What the files have.
  const SourceContents& contents() const { return contents_; }

  /// Does nothing if one of the members that `merged` consists of has no file.
  void add_record(const MergeOptions& options, Merged& merged) const;

 private:
  std::vector<std::shared_ptr<const ModelSource>> sources_;
  std::vector<SourceMember> members_;
  SourceContents contents_;
};

}  // namespace braid
