#include "support/output_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

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

OutputFile::OutputFile(std::filesystem::path path, bool overwrite, Role role)
    : path_(std::move(path)), role_(role) {
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
  temporary_ = folder / ("." + path_.filename().string() + ".part");
  open_part();
  buffer_.reserve(kBufferBytes);
}

// Who holds the lock on the file of this name may write it.
void OutputFile::open_part() {
  struct stat own {};
  struct stat named {};
  do {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail("cannot be created", errno);
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      ::close(std::exchange(descriptor_, -1));
      throw Error(ErrorKind::Output, path_.string() +
                                         ": is being written by another process; wait for it, or "
                                         "choose another name");
    }
    // Its former holder may have given it the final name, or removed it, before we had the lock.
  } while (::fstat(descriptor_, &own) == 0 &&
           (::stat(temporary_.c_str(), &named) != 0 || own.st_ino != named.st_ino));
  removal_.emplace(temporary_.string());
  if (::ftruncate(descriptor_, 0) != 0) fail("cannot be written", errno);
}

void OutputFile::check_room(std::uint64_t bytes) const {
  struct statvfs room {};
  if (::fstatvfs(descriptor_, &room) != 0) return;
  const std::uint64_t free = std::uint64_t{room.f_bavail} * room.f_frsize;
  if (bytes <= free) return;
  throw Error(ErrorKind::Output, path_.string() + ": needs " + std::to_string(bytes) +
                                     " bytes, but its disk has room for " + std::to_string(free) +
                                     "; make room or choose another folder");
}

OutputFile::~OutputFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void OutputFile::write(std::span<const std::byte> bytes) {
  is_finished_ = false;
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

void OutputFile::finish() {
  if (is_finished_) return;
  flush();
  if (::fsync(descriptor_) != 0) fail("cannot be written", errno);
  is_finished_ = true;
}

void OutputFile::commit() {
  finish();
  const int descriptor = descriptor_;
  // Who finds the result must not be told that there was no time for it.
  if (role_ == Role::Result) stop_clock();
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("cannot be renamed into place", errno);
  descriptor_ = -1;
  removal_.reset();
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
