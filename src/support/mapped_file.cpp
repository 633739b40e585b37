#include "support/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <set>
#include <string>

#include "braid/error.hpp"

namespace braid {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& cause) {
  throw Error(ErrorKind::BadInput, path.string() + ": " + cause);
}

// What is mapped now.
struct MappedFiles {
  std::mutex mutex;
  std::set<const MappedFile*> all;
};

MappedFiles& mapped_files() {
  static MappedFiles* const files = new MappedFiles;  // some close after statics are gone
  return *files;
}

std::array<std::int64_t, 5> identity_of(const struct stat& status) {
  return {static_cast<std::int64_t>(status.st_dev), static_cast<std::int64_t>(status.st_ino),
          status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

bool is_mapped(std::span<const std::byte> bytes) {
  const std::scoped_lock lock(mapped_files().mutex);
  return std::ranges::any_of(mapped_files().all, [&](const MappedFile* file) {
    const std::span<const std::byte> mapped = file->bytes();
    return std::less_equal<>()(mapped.data(), bytes.data()) &&
           std::less_equal<>()(bytes.data() + bytes.size(), mapped.data() + mapped.size());
  });
}

// Linux has it since 5.14; where it is unknown, pages come one by one.
#ifdef MADV_POPULATE_READ
constexpr int kPopulateRead = MADV_POPULATE_READ;
#else
constexpr int kPopulateRead = MADV_WILLNEED;
#endif

// Of all pages that have some of the bytes. A hint: that it cannot be followed does not matter.
void advise(std::span<const std::byte> bytes, int advice) {
  if (bytes.empty()) return;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t beyond = reinterpret_cast<std::uintptr_t>(bytes.data()) % page;
  ::madvise(const_cast<std::byte*>(bytes.data()) - beyond, bytes.size() + beyond, advice);
}

struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

}  // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& path) {
  // Non-blocking, so that a FIFO is refused instead of waited for.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number < 0)
    fail(path, std::string("cannot be read: ") + std::strerror(errno) + "; check the path");
  struct stat status {};
  if (::fstat(file.number, &status) != 0) {
    fail(path, std::string("cannot be read: ") + std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) fail(path, "is not a regular file");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return std::shared_ptr<const MappedFile>(new MappedFile(path, {}, status));
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
  if (address == MAP_FAILED) fail(path, std::string("cannot be mapped: ") + std::strerror(errno));
  return std::shared_ptr<const MappedFile>(
      new MappedFile(path, {static_cast<const std::byte*>(address), size}, status));
}

MappedFile::MappedFile(std::filesystem::path path, std::span<const std::byte> bytes,
                       const struct stat& status)
    : path_(std::move(path)),
      bytes_(bytes),
      identity_(identity_of(status)),
      name_(bytes, path_.string()) {
  const std::scoped_lock lock(mapped_files().mutex);
  mapped_files().all.insert(this);
}

MappedFile::~MappedFile() {
  {
    const std::scoped_lock lock(mapped_files().mutex);
    mapped_files().all.erase(this);
  }
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

void release_mapped_pages() {
  const std::scoped_lock lock(mapped_files().mutex);
  for (const MappedFile* file : mapped_files().all)
    advise(file->bytes(), MADV_DONTNEED);
}

void read_ahead(std::span<const std::byte> bytes) {
  if (is_mapped(bytes)) advise(bytes, MADV_WILLNEED);
}

void read_through(std::span<const std::byte> bytes,
                  const std::function<void(std::span<const std::byte> window)>& sink) {
  constexpr std::size_t kWindow = std::size_t{4} << 20;
  constexpr std::size_t kNotWorthIt = std::size_t{1} << 18;
  if (bytes.size() < kNotWorthIt || !is_mapped(bytes)) return sink(bytes);
  while (!bytes.empty()) {
    const auto window = bytes.first(std::min(bytes.size(), kWindow));
    bytes = bytes.subspan(window.size());
    if (!bytes.empty()) advise(bytes.first(std::min(bytes.size(), kWindow)), MADV_WILLNEED);
    advise(window, kPopulateRead);
    sink(window);
    advise(window, MADV_DONTNEED);
  }
}

void MappedFile::check_all_unchanged() {
  const std::scoped_lock lock(mapped_files().mutex);
  for (const MappedFile* file : mapped_files().all)
    file->check_unchanged();
}

void MappedFile::check_unchanged() const {
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0) return;
  const auto now = identity_of(status);
  const bool is_same_file = now[0] == identity_[0] && now[1] == identity_[1];
  if (is_same_file && now != identity_)
    fail(path_, "was changed while it was read; try again when nothing else writes it");
}

}  // namespace braid
