#include "support/utf8.hpp"

#include <boost/locale/utf.hpp>

namespace braid {
namespace {

using Utf8 = boost::locale::utf::utf_traits<char>;

// Bytes of the first character of `text`; 0 if it is none.
std::size_t first_character(std::string_view text) {
  const char* at = text.begin();
  const auto character = Utf8::decode(at, text.end());
  if (character == boost::locale::utf::illegal || character == boost::locale::utf::incomplete)
    return 0;
  return static_cast<std::size_t>(at - text.begin());
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = first_character(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string as_utf8(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t size = first_character(text);
    result += size == 0 ? "_" : text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return result;
}

}  // namespace braid
