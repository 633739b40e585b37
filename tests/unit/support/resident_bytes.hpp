#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace braid {

/// Bytes of a mapped file that are in this process's memory.
inline std::size_t resident_bytes(const std::filesystem::path& file) {
  std::ifstream maps("/proc/self/smaps");
  std::string line;
  std::size_t bytes = 0;
  bool is_file = false;
  while (std::getline(maps, line)) {
    std::istringstream words(line);
    std::string first;
    words >> first;
    if (first.find('-') != std::string::npos) {
      is_file = line.ends_with(" " + file.string());
    } else if (std::size_t kibibytes = 0; is_file && first == "Rss:" && words >> kibibytes) {
      bytes += kibibytes << 10;
    }
  }
  return bytes;
}

}  // namespace braid
