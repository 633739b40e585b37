#pragma once

#include <CLI/CLI.hpp>

/// What the program may take of the machine, whatever the files say.
struct LimitFlags {
  std::uint64_t memory = 0;  ///< bytes; 0: what the machine has
  std::uint64_t nodes = 0;   ///< 0: the library's own limit
  int nesting = 0;           ///< the same
  double seconds = 0;        ///< 0: none
};

void add_limit_flags(CLI::App& app, LimitFlags& flags);
void apply_limits(const LimitFlags& flags);
