#pragma once

#include <filesystem>
#include <string>

namespace braid {

/// XXH3 of a file's bytes as 32 hexadecimal digits: tells files apart, proves nothing against a
/// forger. Throws Error (BadInput) if the file cannot be read.
std::string file_hash(const std::filesystem::path& path);

}  // namespace braid
