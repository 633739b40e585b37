#include "record/packed_text.hpp"

#include <gtest/gtest.h>

namespace braid {
namespace {

TEST(PackedText, UnpacksToTheSameBytes) {
  std::string bytes;
  for (int length = 0; length < 300; ++length) {
    EXPECT_EQ(unpack(pack(bytes)), bytes) << length;
    bytes.push_back(static_cast<char>(length * 37));
  }
}

TEST(PackedText, IsAsciiAndShortForRepetitions) {
  const std::string text = pack(std::string(100'000, '\x80'));
  EXPECT_LT(text.size(), 500U);
  for (const char c : text)
    EXPECT_TRUE(c >= ' ' && c < '\x7F') << text;
}

TEST(PackedText, DamageIsTold) {
  const std::string text = pack("a text that is long enough to be damaged in several places");
  EXPECT_FALSE(unpack(""));
  EXPECT_FALSE(unpack("12"));
  EXPECT_FALSE(unpack("99999999999999999999999 AAAA"));
  EXPECT_FALSE(unpack("4000000000 " + text));
  EXPECT_FALSE(unpack("1" + text));
  EXPECT_FALSE(unpack(text.substr(0, text.size() / 2)));
  EXPECT_FALSE(unpack(text.substr(0, 20) + "\xFF" + text.substr(21)));
}

}  // namespace
}  // namespace braid
