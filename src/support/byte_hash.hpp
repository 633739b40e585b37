#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

struct XXH3_state_s;

namespace braid {

/// XXH3 of bytes that come in pieces: tells contents apart, proves nothing against a forger.
class ByteHash {
 public:
  enum class Width { Bits64, Bits128 };

  explicit ByteHash(Width width);

  void add(std::span<const std::byte> bytes);

  /// The digest as 16 or 32 hexadecimal digits.
  std::string hex() const;

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };

  Width width_;
  std::unique_ptr<XXH3_state_s, Free> state_;
};

}  // namespace braid
