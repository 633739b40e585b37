#include "support/byte_hash.hpp"

#include <fmt/format.h>
#include <xxhash.h>

namespace braid {

void ByteHash::Free::operator()(XXH3_state_s* state) const {
  XXH3_freeState(state);
}

ByteHash::ByteHash(Width width) : width_(width), state_(XXH3_createState()) {
  if (width_ == Width::Bits64) {
    XXH3_64bits_reset(state_.get());
  } else {
    XXH3_128bits_reset(state_.get());
  }
}

void ByteHash::add(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  if (width_ == Width::Bits64) {
    XXH3_64bits_update(state_.get(), bytes.data(), bytes.size());
  } else {
    XXH3_128bits_update(state_.get(), bytes.data(), bytes.size());
  }
}

std::string ByteHash::hex() const {
  if (width_ == Width::Bits64) return fmt::format("{:016x}", XXH3_64bits_digest(state_.get()));
  const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace braid
