#pragma once

#include <zip.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace braid {

/// A zip archive that may be hostile. All failures throw Error (BadInput).
class ZipReader {
 public:
  /// Refuses archives whose entries together have more bytes than `byte_limit`.
  ZipReader(std::filesystem::path path, std::uint64_t byte_limit);

  std::size_t entry_count() const { return entries_.size(); }
  const std::string& name(std::size_t entry) const { return entries_[entry].name; }
  std::uint64_t bytes(std::size_t entry) const { return entries_[entry].bytes; }

  /// The entry's bytes, after their checksum was checked.
  std::vector<std::byte> read(std::size_t entry) const;

 private:
  struct Entry {
    std::string name;
    std::uint64_t bytes = 0;
  };

  Entry inspect(zip_uint64_t index, std::uint64_t file_bytes) const;
  [[noreturn]] void fail(const std::string& cause) const;

  std::filesystem::path path_;
  std::unique_ptr<zip_t, decltype(&zip_discard)> archive_{nullptr, &zip_discard};
  std::vector<Entry> entries_;
};

}  // namespace braid
