#include "record/source_contents.hpp"

namespace braid {
namespace {

std::string key_of(std::uint64_t length, const std::string& hash) {
  return std::to_string(length) + " " + hash;
}

}  // namespace

std::vector<std::vector<SourceContents::File>> SourceContents::add(const Sources& sources,
                                                                   int jobs) {
  std::vector<const SourceFile*> files;
  for (const auto& source : sources) {
    if (source == nullptr) continue;
    for (const SourceFile& file : source->files)
      files.push_back(&file);
  }
  const std::vector<FileHashes> hashes = hash_files(files, jobs);
  auto next = hashes.begin();
  std::vector<std::vector<File>> all(sources.size());
  for (std::size_t s = 0; s < sources.size(); ++s) {
    if (sources[s] == nullptr) continue;
    for (const SourceFile& file : sources[s]->files)
      all[s].push_back(numbered(file, *next++));
    sources_.push_back(sources[s]);
  }
  return all;
}

SourceContents::File SourceContents::numbered(const SourceFile& file, const FileHashes& hashes) {
  File result{hashes.file, {}};
  for (std::size_t w = 0; w < file.weights.size(); ++w)
    result.contents.push_back(id_of(file.weights[w].bytes, hashes.weights[w]));
  return result;
}

std::size_t SourceContents::id_of(const Tensor& bytes, const std::string& hash) {
  const std::uint64_t length = bytes.bytes();
  const auto [it, is_new] = by_hash_.emplace(key_of(length, hash), contents_.size());
  if (is_new) {
    Content& content = contents_.emplace_back();
    content.length = length;
    content.hash = hash;
    bytes_.push_back(bytes);
  }
  if (bytes.is_contiguous()) by_address_.emplace(bytes.raw().data(), it->second);
  return it->second;
}

std::optional<std::size_t> SourceContents::find_address(const Tensor& tensor) const {
  if (!tensor.is_contiguous() || !tensor.has_data()) return std::nullopt;
  const auto known = by_address_.find(tensor.raw().data());
  if (known == by_address_.end() || contents_[known->second].length != tensor.bytes())
    return std::nullopt;
  return known->second;
}

const std::string* SourceContents::known_hash(const Tensor& tensor) const {
  const auto found = find_address(tensor);
  return found ? &contents_[*found].hash : nullptr;
}

std::optional<std::size_t> SourceContents::find(const Tensor& tensor) const {
  if (const auto found = find_address(tensor)) return found;
  return find(tensor.bytes(), data_hash(tensor));
}

std::optional<std::size_t> SourceContents::find(std::uint64_t length,
                                                const std::string& hash) const {
  const auto found = by_hash_.find(key_of(length, hash));
  if (found == by_hash_.end()) return std::nullopt;
  return found->second;
}

}  // namespace braid
