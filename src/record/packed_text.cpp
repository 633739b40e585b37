#include "record/packed_text.hpp"

#include <zlib.h>

#include <boost/archive/iterators/base64_from_binary.hpp>
#include <boost/archive/iterators/binary_from_base64.hpp>
#include <boost/archive/iterators/transform_width.hpp>
#include <charconv>

#include "support/assert.hpp"

namespace braid {
namespace {

namespace convert = boost::archive::iterators;
using ToBase64 =
    convert::base64_from_binary<convert::transform_width<std::string_view::const_iterator, 6, 8>>;
using FromBase64 =
    convert::transform_width<convert::binary_from_base64<std::string_view::const_iterator>, 8, 6>;

constexpr std::uint64_t kLargest = std::uint64_t{1} << 30;
constexpr std::uint64_t kBestRatio = 1100;  // deflate reaches 1032

std::string compressed(std::string_view bytes) {
  uLongf size = compressBound(bytes.size());
  std::string result(size, '\0');
  const int status =
      compress2(reinterpret_cast<Bytef*>(result.data()), &size,
                reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), Z_BEST_COMPRESSION);
  BRAID_ASSERT(status == Z_OK, "the buffer is as large as zlib asks");
  result.resize(size);
  return result;
}

}  // namespace

// The size of the bytes, a blank, and the base64 text without padding.
std::string pack(std::string_view bytes) {
  const std::string small = compressed(bytes);
  const std::string_view view = small;
  return std::to_string(bytes.size()) + " " +
         std::string(ToBase64(view.begin()), ToBase64(view.end()));
}

std::optional<std::string> unpack(std::string_view text) {
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end == text.data() + text.size() || *end != ' ') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  if (size > kLargest || size > kBestRatio * text.size()) return std::nullopt;
  std::string small;
  try {
    const std::size_t bytes = text.size() * 6 / 8;
    small.reserve(bytes);
    FromBase64 next(text.begin());
    for (std::size_t i = 0; i < bytes; ++i)
      small.push_back(*next++);
  } catch (const convert::dataflow_exception&) {
    return std::nullopt;
  }
  std::string result(size, '\0');
  uLongf unpacked = size;
  const int status = uncompress(reinterpret_cast<Bytef*>(result.data()), &unpacked,
                                reinterpret_cast<const Bytef*>(small.data()), small.size());
  if (status != Z_OK || unpacked != size) return std::nullopt;
  return result;
}

}  // namespace braid
