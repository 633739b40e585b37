#pragma once

#include <filesystem>
#include <string>

#include "braid/merge.hpp"

namespace braid {

/// The options as JSON; weights of a combination only those of `members`, by index.
std::string write_options(const MergeOptions& options, const std::vector<std::size_t>& members);

/// The inverse. Throws Error (BadInput) naming `path` if the text is damaged.
MergeOptions read_options(const std::string& text, const std::filesystem::path& path);

}  // namespace braid
