#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace braid {

/// What was measured to be best, kept in a file in JSON: by device and its software, and by layer.
class TuningFile {
 public:
  struct Entry {
    std::string kernel;                     ///< name of the fastest candidate
    std::map<std::string, double> seconds;  ///< of each candidate that was measured, by name
  };

  /// Reads the file, if it is there; one that is damaged or of another version counts as empty. An
  /// empty path: nothing is read or written. `device` is all that times depend on besides layers.
  TuningFile(std::filesystem::path path, std::string device);

  std::optional<Entry> find(const std::string& layer) const;

  /// Keeps the entry and writes the file, with what others have added to it meanwhile.
  void put(const std::string& layer, Entry entry);

  /// Why the file was not read or cannot be written.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  using Entries = std::map<std::string, Entry>;
  std::map<std::string, Entries> read();
  void write(const std::map<std::string, Entries>& devices);
  void warn(const std::string& text);

  std::filesystem::path path_;
  std::string device_;
  Entries entries_;
  std::vector<std::string> warnings_;
};

/// $XDG_CACHE_HOME/braid/tuned-DEVICE.json, or below ~/.cache; empty if there is neither.
std::filesystem::path default_tuning_file(const std::string& device);

}  // namespace braid
