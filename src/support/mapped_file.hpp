#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace braid {

/// A regular file mapped for reading; unmapped with its last owner.
class MappedFile {
 public:
  /// Throws Error (BadInput) if the file is missing, unreadable or no regular file.
  static std::shared_ptr<const MappedFile> open(const std::filesystem::path& path);

  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::span<const std::byte> bytes_;
};

/// Gives back the memory of all mapped files, whoever holds them. What is read again is mapped
/// again; others may read meanwhile.
void release_mapped_pages();

}  // namespace braid
