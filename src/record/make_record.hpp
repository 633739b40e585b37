#pragma once

#include <string>
#include <vector>

#include "record/source_contents.hpp"

namespace braid {

/// A member whose files were read.
struct SourceMember {
  std::string name;
  std::string file;  ///< name of its model file
  const ModelSource* source = nullptr;
  std::vector<SourceContents::File> files;
};

/// Adds to a merged model, as its last change, the record of the members that it was merged from.
/// Weights that it has not as they were in the members' files become an initializer that no node
/// reads. Returns how many bytes those are.
std::uint64_t add_record(const std::vector<SourceMember>& members, const SourceContents& contents,
                         std::vector<RecordedGroup> groups, std::string options, Model& merged);

}  // namespace braid
