#pragma once

#include <cstddef>

/// Memory of this process that is in the machine's memory, in bytes; 0 where the system does not
/// tell.
struct ProcessMemory {
  std::size_t resident = 0;   ///< with pages of mapped files
  std::size_t anonymous = 0;  ///< without
  std::size_t peak = 0;       ///< the most that has been resident
};

ProcessMemory measure_memory();
