#pragma once

#include <string>

#include "braid/error.hpp"

/// For defects of Braid itself; no input may ever reach it. Kept in release builds: the cost is
/// nothing beside the work, and a wrong answer is worse than an error.
#define BRAID_ASSERT(condition, what)                                                         \
  do {                                                                                        \
    if (!(condition)) {                                                                       \
      throw ::braid::Error(                                                                   \
          ::braid::ErrorKind::Internal,                                                       \
          std::string(__FILE__) + ":" + std::to_string(__LINE__) + ": " + std::string(what)); \
    }                                                                                         \
  } while (false)
