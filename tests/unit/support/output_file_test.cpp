#include "support/output_file.hpp"

#include <gtest/gtest.h>
#include <sys/time.h>

#include "braid/error.hpp"
#include "braid/signals.hpp"
#include "support/temporary_folder.hpp"

namespace braid {
namespace {

template <class Action>
void expect_output_error(const Action& action, const std::string& part) {
  try {
    action();
    FAIL() << "no error; expected one with '" << part << "'";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Output);
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

TEST(OutputFile, AppearsUnderItsNameOnlyWithCommit) {
  const TemporaryFolder folder;
  OutputFile file(folder / "a", false);
  file.write("text");
  EXPECT_FALSE(std::filesystem::exists(folder / "a"));
  file.commit();
  EXPECT_EQ(read_file(folder / "a"), "text");
  EXPECT_EQ(folder.entries(), 1U);
}

TEST(OutputFile, LeavesNothingWithoutCommit) {
  const TemporaryFolder folder;
  {
    OutputFile file(folder / "a", false);
    file.write(std::string(3'000'000, 'x'));  // more than any buffer
  }
  EXPECT_EQ(folder.entries(), 0U);
}

TEST(OutputFile, KeepsTheOldFileUntilCommit) {
  const TemporaryFolder folder;
  write_file(folder / "a", "old");
  {
    OutputFile file(folder / "a", true);
    file.write("new");
  }
  EXPECT_EQ(read_file(folder / "a"), "old");
  OutputFile file(folder / "a", true);
  file.write("new");
  file.commit();
  EXPECT_EQ(read_file(folder / "a"), "new");
  EXPECT_EQ(folder.entries(), 1U);
}

TEST(OutputFile, RefusesToReplaceUnlessTold) {
  const TemporaryFolder folder;
  write_file(folder / "a", "old");
  expect_output_error([&] { OutputFile(folder / "a", false); }, "exists");
  EXPECT_EQ(read_file(folder / "a"), "old");
  EXPECT_EQ(folder.entries(), 1U);
}

TEST(OutputFile, WritesOverWhatAKilledProcessLeft) {
  const TemporaryFolder folder;
  write_file(folder / ".a.part", std::string(5'000, 'x'));
  OutputFile file(folder / "a", false);
  file.write("text");
  file.commit();
  EXPECT_EQ(read_file(folder / "a"), "text");
  EXPECT_EQ(folder.entries(), 1U);
}

TEST(OutputFile, RefusesWhatAnotherWrites) {
  const TemporaryFolder folder;
  OutputFile file(folder / "a", false);
  file.write("text");
  expect_output_error([&] { OutputFile(folder / "a", false); }, "another process");
  file.commit();
  EXPECT_EQ(read_file(folder / "a"), "text");
}

TEST(OutputFile, RefusesWhatTheDiskHasNoRoomFor) {
  const TemporaryFolder folder;
  const OutputFile file(folder / "a", false);
  file.check_room(1'000);
  expect_output_error([&] { file.check_room(std::uint64_t{1} << 60); }, "has room for");
}

TEST(OutputFile, NamesTheFolderThatIsMissing) {
  const TemporaryFolder folder;
  expect_output_error([&] { OutputFile(folder / "none/a", false); }, (folder / "none").string());
}

TEST(OutputFile, RefusesADirectoryBeforeAnythingIsWritten) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "a");
  expect_output_error([&] { OutputFile(folder / "a", true); }, "is a directory");
  EXPECT_EQ(folder.entries(), 1U);
}

TEST(OutputFile, LeavesNothingWhenCommitFails) {
  const TemporaryFolder folder;
  {
    OutputFile file(folder / "a", true);
    file.write("text");
    std::filesystem::create_directory(folder / "a");
    expect_output_error([&] { file.commit(); }, "renamed into place");
  }
  EXPECT_EQ(folder.entries(), 1U);
  EXPECT_TRUE(std::filesystem::is_empty(folder / "a"));
}

TEST(OutputFile, AlignsWithZeros) {
  const TemporaryFolder folder;
  OutputFile file(folder / "a", false);
  file.align(64);
  EXPECT_EQ(file.size(), 0U);
  file.write("abc");
  file.align(8);
  EXPECT_EQ(file.size(), 8U);
  file.align(8);
  file.align(1);
  file.align(0);
  EXPECT_EQ(file.size(), 8U);
  file.write("d");
  file.align(10'000);  // longer than the block of zeros it writes at a time
  EXPECT_EQ(file.size(), 10'000U);
  file.write("e");
  file.commit();
  EXPECT_EQ(read_file(folder / "a"),
            std::string("abc") + std::string(5, '\0') + "d" + std::string(9'991, '\0') + "e");
}

TEST(OutputFile, JoinsSmallAndLargeWritesInOrder) {
  const TemporaryFolder folder;
  OutputFile file(folder / "a", false);
  std::string expected;
  for (const std::size_t size : {1U, 1'048'576U, 1'048'575U, 0U, 2'500'000U, 700'000U, 700'000U}) {
    const std::string text(size, static_cast<char>('a' + expected.size() % 26));
    file.write(text);
    expected += text;
    EXPECT_EQ(file.size(), expected.size());
  }
  file.commit();
  EXPECT_TRUE(read_file(folder / "a") == expected);
}

TEST(OutputFile, HasTheModeOfAnyNewFile) {
  const TemporaryFolder folder;
  write_file(folder / "plain", "");
  OutputFile file(folder / "a", false);
  file.commit();
  EXPECT_EQ(std::filesystem::status(folder / "a").permissions(),
            std::filesystem::status(folder / "plain").permissions());
}

TEST(OutputFile, AResultEndsTheTimeLimitAndACacheDoesNot) {
  const auto seconds_left = [] {
    itimerval time{};
    ::getitimer(ITIMER_REAL, &time);
    return time.it_value.tv_sec;
  };
  const TemporaryFolder folder;
  end_after(1e6);
  OutputFile(folder / "cache", false, OutputFile::Role::Cache).commit();
  EXPECT_GT(seconds_left(), 0);
  OutputFile(folder / "result", false).commit();
  EXPECT_EQ(seconds_left(), 0);
}

}  // namespace
}  // namespace braid
