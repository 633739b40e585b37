#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>

#include "braid/error.hpp"

// What libFuzzer, or replay.cpp in its place, calls; each target defines both.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned int seed);

// A mutation of bytes that knows no structure: libFuzzer's own, or replay.cpp's.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace braid::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Runs `work`, which may end in an Error. Everything else that escapes is a finding, and so are
/// Braid's own defects.
template <class Work>
void expect_success_or_error(Work work) {
  try {
    work();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::Internal) throw;
  } catch (const std::bad_alloc&) {
  }
}

}  // namespace braid::fuzz
