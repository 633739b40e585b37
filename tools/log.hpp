#pragma once

#include <string>

/// Where spdlog writes: plain lines on stderr. 0 is normal, below 0 warnings and errors only,
/// above 0 details too.
void set_up_log(int verbosity);

/// Reports a mistake: "braid: MESSAGE" on stderr, at any verbosity.
void print_error(const std::string& message);
