#include "support/mapped_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "braid/error.hpp"
#include "braid/signals.hpp"
#include "braid/tensor.hpp"
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

// Of several windows and a part of one.
std::string long_text() {
  std::string text(std::size_t{9'500'000}, ' ');
  for (std::size_t i = 0; i < text.size(); ++i)
    text[i] = static_cast<char>('a' + (i * i / 7) % 23);
  return text;
}

TEST(MappedFile, IsReadThroughInOrderAndGivenBackBehind) {
  const TemporaryFolder folder;
  const std::string text = long_text();
  write_file(folder / "a", text);
  const auto file = MappedFile::open(folder / "a");
  std::string read;
  std::size_t most = 0;
  read_ahead(file->bytes());
  read_through(file->bytes().subspan(1), [&](std::span<const std::byte> window) {
    read.append(reinterpret_cast<const char*>(window.data()), window.size());
    most = std::max(most, resident_bytes(folder / "a"));
  });
  EXPECT_TRUE(read == text.substr(1));
  EXPECT_LT(most, text.size());
  EXPECT_LT(resident_bytes(folder / "a"), text.size() / 10);
}

TEST(MappedFile, WhatIsNotMappedIsReadThroughAsItIs) {
  const std::string text = long_text();
  std::string read;
  read_through(std::as_bytes(std::span(text)), [&](std::span<const std::byte> window) {
    read.append(reinterpret_cast<const char*>(window.data()), window.size());
  });
  EXPECT_TRUE(read == text);
}

TEST(MappedFile, LongTensorsOfTwoFilesAreCompared) {
  const TemporaryFolder folder;
  std::string text = long_text();
  std::vector<Tensor> tensors;
  for (const char* name : {"a", "b", "c"}) {
    if (*name == 'c') text[text.size() - 3] ^= 1;
    write_file(folder / name, text);
    const auto file = MappedFile::open(folder / name);
    const auto size = static_cast<std::int64_t>(text.size());
    tensors.push_back(Tensor::borrow(DType::UInt8, {size}, file->bytes(), file));
  }
  EXPECT_TRUE(same_content(tensors[0], tensors[1]));
  EXPECT_FALSE(same_content(tensors[0], tensors[2]));
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
