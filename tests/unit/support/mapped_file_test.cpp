#include "support/mapped_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "braid/error.hpp"
#include "braid/signals.hpp"
#include "support/resident_bytes.hpp"
#include "support/temporary_folder.hpp"

namespace braid {
namespace {

void expect_refused(const std::filesystem::path& path) {
  try {
    MappedFile::open(path);
    FAIL() << path << " was opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::BadInput);
    EXPECT_NE(std::string(error.what()).find(path.string()), std::string::npos);
  }
}

TEST(MappedFile, ShowsTheBytesAlsoAfterTheNameIsGone) {
  const TemporaryFolder folder;
  write_file(folder / "a", "some bytes");
  const auto file = MappedFile::open(folder / "a");
  std::filesystem::remove(folder / "a");
  const auto bytes = file->bytes();
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()), "some bytes");
}

TEST(MappedFile, ReleasedPagesComeBackWhenTheyAreRead) {
  const TemporaryFolder folder;
  const std::string text(std::size_t{1} << 20, 'x');
  write_file(folder / "a", text);
  const auto file = MappedFile::open(folder / "a");
  const auto as_text = [&] {
    return std::string(reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size());
  };
  EXPECT_EQ(as_text(), text);
  EXPECT_EQ(resident_bytes(folder / "a"), text.size());
  release_mapped_pages();
  EXPECT_EQ(resident_bytes(folder / "a"), 0U);
  EXPECT_EQ(as_text(), text);
}

TEST(MappedFile, TellsThatItWasWrittenToWhileMapped) {
  const TemporaryFolder folder;
  write_file(folder / "a", "some bytes");
  const auto file = MappedFile::open(folder / "a");
  EXPECT_NO_THROW(MappedFile::check_all_unchanged());
  write_file(folder / "b", "other bytes");
  std::filesystem::rename(folder / "b", folder / "a");  // what is mapped stays as it was
  EXPECT_NO_THROW(MappedFile::check_all_unchanged());
  const auto other = MappedFile::open(folder / "a");
  write_file(folder / "a", "bytes of another length");
  EXPECT_THROW(MappedFile::check_all_unchanged(), Error);
}

TEST(MappedFile, ThatBecomesShorterEndsTheProgramWithItsName) {
  const TemporaryFolder folder;
  write_file(folder / "a", std::string(100'000, 'x'));
  write_file(folder / "incomplete", "");
  const auto read = [&] {
    handle_signals();
    const RemovedOnSignal removed((folder / "incomplete").string());
    const auto file = MappedFile::open(folder / "a");
    std::filesystem::resize_file(folder / "a", 10);
    volatile const std::byte* last = &file->bytes().back();
    std::exit(static_cast<int>(*last));
  };
  EXPECT_EXIT(read(), ::testing::ExitedWithCode(3), "/a: cannot be read any more");
  EXPECT_FALSE(std::filesystem::exists(folder / "incomplete"));
}

TEST(MappedFile, OpensAnEmptyFile) {
  const TemporaryFolder folder;
  write_file(folder / "empty", "");
  EXPECT_TRUE(MappedFile::open(folder / "empty")->bytes().empty());
}

TEST(MappedFile, RefusesWhatIsNoRegularFile) {
  const TemporaryFolder folder;
  expect_refused(folder / "missing");
  expect_refused(folder.path());
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  expect_refused(folder / "fifo");  // and does not wait for a writer
}

}  // namespace
}  // namespace braid
