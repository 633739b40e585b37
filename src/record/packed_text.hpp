#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace braid {

/// Bytes compressed (zlib) and spelled in base64, as metadata of a model hold them.
std::string pack(std::string_view bytes);

/// The inverse; nothing if the text is damaged or unpacks to more than 1 GiB.
std::optional<std::string> unpack(std::string_view text);

}  // namespace braid
