#include "support/file_hash.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include "support/mapped_file.hpp"

namespace braid {

std::string file_hash(const std::filesystem::path& path) {
  const auto file = MappedFile::open(path);
  const XXH128_hash_t hash = XXH3_128bits(file->bytes().data(), file->bytes().size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace braid
