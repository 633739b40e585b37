#include "tools/process_memory.hpp"

#include <fstream>
#include <string>

namespace {

// Bytes of the line "NAME: 12 kB" of a file that the kernel writes.
std::size_t read_bytes(const char* path, const std::string& name) {
  std::ifstream file(path);
  std::string word;
  while (file >> word) {
    std::size_t kibibytes = 0;
    if (word == name && file >> kibibytes) return kibibytes << 10;
    file.clear();
    std::string rest;
    std::getline(file, rest);
  }
  return 0;
}

}  // namespace

ProcessMemory measure_memory() {
  constexpr auto kPages = "/proc/self/smaps_rollup";
  return {read_bytes(kPages, "Rss:"), read_bytes(kPages, "Anonymous:"),
          read_bytes("/proc/self/status", "VmHWM:")};
}
