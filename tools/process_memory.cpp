#include "tools/process_memory.hpp"

#include <fstream>
#include <string>

ProcessMemory measure_memory() {
  ProcessMemory memory;
  std::ifstream file("/proc/self/smaps_rollup");
  std::string line;
  std::getline(file, line);  // the range of addresses
  std::string name;
  std::size_t kibibytes = 0;
  while (file >> name >> kibibytes) {
    if (name == "Rss:") memory.resident = kibibytes << 10;
    if (name == "Anonymous:") memory.anonymous = kibibytes << 10;
    std::getline(file, line);
  }
  return memory;
}
