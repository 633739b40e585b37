#include "npz/zip_reader.hpp"

#include <algorithm>
#include <set>

#include "braid/error.hpp"

namespace braid {
namespace {

// No deflated stream expands further; a greater claim is a lie that would cost memory.
constexpr std::uint64_t kDeflateRatio = 1032;

std::string open_failure(int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

}  // namespace

ZipReader::ZipReader(std::filesystem::path path, std::uint64_t byte_limit)
    : path_(std::move(path)) {
  std::error_code failure;
  const std::uint64_t file_bytes = std::filesystem::file_size(path_, failure);
  if (failure) fail("cannot be read: " + failure.message());
  int code = 0;
  archive_.reset(zip_open(path_.c_str(), ZIP_RDONLY, &code));
  if (!archive_) {
    fail("is no readable .npz archive (" + open_failure(code) + "); write it with numpy.savez");
  }
  std::set<std::string> names;
  std::uint64_t total = 0;
  const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    Entry entry = inspect(static_cast<zip_uint64_t>(i), file_bytes);
    if (!names.insert(entry.name).second) {
      fail("has two entries '" + entry.name + "'; write it again");
    }
    if (entry.bytes > byte_limit - total) {
      fail("holds more than " + std::to_string(byte_limit >> 30) + " GiB; split it");
    }
    total += entry.bytes;
    entries_.push_back(std::move(entry));
  }
}

ZipReader::Entry ZipReader::inspect(zip_uint64_t index, std::uint64_t file_bytes) const {
  zip_stat_t stat;
  if (zip_stat_index(archive_.get(), index, 0, &stat) != 0) {
    fail(std::string("is damaged: ") + zip_strerror(archive_.get()));
  }
  constexpr zip_uint64_t kNeeded =
      ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
  if ((stat.valid & kNeeded) != kNeeded) {
    fail("is damaged: entry " + std::to_string(index) + " lacks its name or size");
  }
  const std::string name = stat.name;
  if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE) {
    fail("entry '" + name + "' is compressed in a way that NumPy does not use; write it again");
  }
  const std::uint64_t ratio = stat.comp_method == ZIP_CM_STORE ? 1 : kDeflateRatio;
  if (stat.comp_size > file_bytes || stat.size / ratio > stat.comp_size) {
    fail("is damaged: entry '" + name + "' claims " + std::to_string(stat.size) +
         " bytes, more than the file can hold");
  }
  return {name, stat.size};
}

std::vector<std::byte> ZipReader::read(std::size_t entry) const {
  const Entry& what = entries_[entry];
  const std::unique_ptr<zip_file_t, decltype(&zip_fclose)> file(
      zip_fopen_index(archive_.get(), entry, 0), &zip_fclose);
  if (!file) fail("entry '" + what.name + "': " + zip_strerror(archive_.get()));
  // One byte more than claimed: reading to the end checks the checksum and finds false claims.
  std::vector<std::byte> bytes(what.bytes + 1);
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const zip_int64_t count = zip_fread(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (count < 0) fail("entry '" + what.name + "': " + zip_file_strerror(file.get()));
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  if (filled != what.bytes) {
    fail("is damaged: entry '" + what.name + "' does not have the " + std::to_string(what.bytes) +
         " bytes that it claims");
  }
  bytes.resize(what.bytes);
  return bytes;
}

void ZipReader::fail(const std::string& cause) const {
  throw Error(ErrorKind::BadInput, path_.string() + ": " + cause);
}

}  // namespace braid
