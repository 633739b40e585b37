#include "support/utf8.hpp"

#include <gtest/gtest.h>

namespace braid {
namespace {

TEST(Utf8, TellsWhatItIs) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("a\n\xC3\xA9\xF0\x9F\x99\x82"));
  for (const char* text : {"\xFF", "a\x80", "\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF0\x9F\x99"})
    EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(Utf8, ReplacesTheBytesThatAreNone) {
  EXPECT_EQ(as_utf8("a\xFF\xC3\xA9"), "a_\xC3\xA9");
  EXPECT_EQ(as_utf8("\xC3"), "_");
  EXPECT_TRUE(is_utf8(as_utf8("\xF0\x9F\x99 \xED\xA0\x80")));
}

}  // namespace
}  // namespace braid
