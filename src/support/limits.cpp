#include "braid/limits.hpp"

#include <unistd.h>

namespace braid {
namespace {

Limits& current() {
  static Limits limits;
  return limits;
}

}  // namespace

Limits::Limits()
    : memory(static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
             static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))) {}

const Limits& limits() {
  return current();
}

void set_limits(const Limits& limits) {
  current() = limits;
}

}  // namespace braid
