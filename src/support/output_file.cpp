#include "support/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "braid/error.hpp"

namespace braid {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

void write_all(int descriptor, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      throw errno;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

}  // namespace

OutputFile::OutputFile(std::filesystem::path path, bool overwrite) : path_(std::move(path)) {
  const std::filesystem::path folder = path_.has_parent_path() ? path_.parent_path() : ".";
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    throw Error(ErrorKind::Output, path_.string() + ": the folder '" + folder.string() +
                                       "' does not exist; create it first");
  }
  if (!overwrite && std::filesystem::exists(path_, ignored)) {
    throw Error(ErrorKind::Output, path_.string() + ": exists; use --force to replace it");
  }
  // Else only the rename would fail, perhaps when a companion file is already in place.
  if (std::filesystem::is_directory(path_, ignored)) {
    throw Error(ErrorKind::Output, path_.string() + ": is a directory; give the name of a file");
  }
  std::string pattern = (folder / ("." + path_.filename().string() + ".XXXXXX")).string();
  descriptor_ = ::mkostemp(pattern.data(), O_CLOEXEC);
  if (descriptor_ < 0) fail("cannot be created", errno);
  temporary_ = pattern;
  // mkstemp makes files private; give what a plain open() would have given.
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(descriptor_, 0666 & ~mask);
  buffer_.reserve(kBufferBytes);
}

OutputFile::~OutputFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void OutputFile::write(std::span<const std::byte> bytes) {
  size_ += bytes.size();
  if (buffer_.size() + bytes.size() > kBufferBytes) flush();
  if (bytes.size() < kBufferBytes) {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    return;
  }
  try {
    write_all(descriptor_, bytes);
  } catch (int error_number) {
    fail("cannot be written", error_number);
  }
}

void OutputFile::align(std::uint64_t alignment) {
  if (alignment == 0) return;
  static constexpr std::byte kZeros[4096] = {};
  for (std::uint64_t gap = (alignment - size_ % alignment) % alignment; gap > 0;) {
    const std::uint64_t step = std::min<std::uint64_t>(gap, sizeof(kZeros));
    write(std::span(kZeros, step));
    gap -= step;
  }
}

void OutputFile::commit() {
  flush();
  const int descriptor = descriptor_;
  if (::fsync(descriptor) != 0) fail("cannot be written", errno);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("cannot be renamed into place", errno);
  descriptor_ = -1;
  ::close(descriptor);
}

void OutputFile::flush() {
  try {
    write_all(descriptor_, buffer_);
  } catch (int error_number) {
    fail("cannot be written", error_number);
  }
  buffer_.clear();
}

void OutputFile::fail(std::string_view what, int error_number) const {
  throw Error(ErrorKind::Output,
              path_.string() + ": " + std::string(what) + ": " + std::strerror(error_number));
}

}  // namespace braid
