#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "braid/model_source.hpp"
#include "record/hash_files.hpp"
#include "record/record_data.hpp"

namespace braid {

/// The distinct weights in the files of several models, told apart by hash. All bytes are read
/// once.
class SourceContents {
 public:
  struct File {
    std::string hash;                   ///< 128 bits
    std::vector<std::size_t> contents;  ///< by weight
  };

  using Sources = std::vector<std::shared_ptr<const ModelSource>>;

  /// Reads the files of models, `jobs` at a time (see hash_files()). By model, in the order of its
  /// files; none for a null pointer.
  std::vector<std::vector<File>> add(const Sources& sources, int jobs);

  std::size_t size() const { return contents_.size(); }
  const Content& content(std::size_t id) const { return contents_[id]; }
  const Tensor& bytes(std::size_t id) const { return bytes_[id]; }

  /// The hash of bytes of a file that was added; null if the tensor is no weight of one.
  const std::string* known_hash(const Tensor& tensor) const;

  /// The content with these bytes; nothing if there is none. Reads them unless they are those of a
  /// file that was added.
  std::optional<std::size_t> find(const Tensor& tensor) const;

  std::optional<std::size_t> find(std::uint64_t length, const std::string& hash) const;

 private:
  File numbered(const SourceFile& file, const FileHashes& hashes);
  std::size_t id_of(const Tensor& bytes, const std::string& hash);
  std::optional<std::size_t> find_address(const Tensor& tensor) const;

  std::vector<std::shared_ptr<const ModelSource>> sources_;  // keep the addresses
  std::vector<Content> contents_;                            // without their places
  std::vector<Tensor> bytes_;
  std::unordered_map<std::string, std::size_t> by_hash_;  // "LENGTH HASH"
  std::unordered_map<const void*, std::size_t> by_address_;
};

}  // namespace braid
