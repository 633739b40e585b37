#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>

#include "support/signals.hpp"

struct stat;

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

  /// Throws Error (BadInput) if a file that is mapped now was written to since it was opened, by
  /// its size and time: what was made of it may be of the old bytes in part. Files that were
  /// replaced or removed under their names are as they were.
  static void check_all_unchanged();

 private:
  MappedFile(std::filesystem::path path, std::span<const std::byte> bytes,
             const struct stat& status);
  void check_unchanged() const;

  std::filesystem::path path_;
  std::span<const std::byte> bytes_;
  std::array<std::int64_t, 5> identity_;  // device, inode, size, time of the last change
  NamedOnSignal name_;
};

/// Gives back the memory of all mapped files, whoever holds them. What is read again is mapped
/// again; others may read meanwhile.
void release_mapped_pages();

/// Has the system read bytes of a mapped file from the disk, without waiting for them.
void read_ahead(std::span<const std::byte> bytes);

/// Hands bytes to `sink`, in order and in windows. Those of a mapped file are brought in a window
/// at a time and given back behind it, so that no process grows with the files that it reads.
void read_through(std::span<const std::byte> bytes,
                  const std::function<void(std::span<const std::byte> window)>& sink);

}  // namespace braid
