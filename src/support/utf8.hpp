#pragma once

#include <string>
#include <string_view>

namespace braid {

bool is_utf8(std::string_view text);

/// The text with "_" for each byte that is not UTF-8: names of files may have such.
std::string as_utf8(std::string_view text);

}  // namespace braid
