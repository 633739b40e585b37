#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "support/signals.hpp"

namespace braid {

/// A file that appears under its name only when it is complete: written beside it as ".NAME.part"
/// and renamed by commit(). Without commit() nothing is left behind, and what a killed process left
/// is written over by the next one. All failures throw Error (Output).
class OutputFile {
 public:
  /// What was asked for, or what only saves work later.
  enum class Role { Result, Cache };

  /// Refuses to replace an existing file unless `overwrite`.
  OutputFile(std::filesystem::path path, bool overwrite, Role role = Role::Result);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text.data(), text.size()))); }

  /// Writes zeros up to the next multiple of `alignment`; none if that is 0.
  void align(std::uint64_t alignment);

  /// Bytes written so far.
  std::uint64_t size() const { return size_; }

  /// Brings all that was written to the disk; commit() then only renames.
  void finish();

  void commit();

  /// Refuses if the file system has less room than that for what is still to be written.
  void check_room(std::uint64_t bytes) const;

 private:
  void open_part();
  void flush();
  [[noreturn]] void fail(std::string_view what, int error_number) const;

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::optional<RemovedOnSignal> removal_;
  Role role_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  bool is_finished_ = false;
  std::vector<std::byte> buffer_;
};

}  // namespace braid
