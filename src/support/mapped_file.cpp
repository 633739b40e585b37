#include "support/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

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

// The addresses and sizes of what is mapped.
struct Mappings {
  std::mutex mutex;
  std::set<std::pair<void*, std::size_t>> all;
};

Mappings& mappings() {
  static Mappings* const all = new Mappings;  // files may be closed after statics are gone
  return *all;
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
  if (size == 0) return std::shared_ptr<const MappedFile>(new MappedFile({}));
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
  if (address == MAP_FAILED) fail(path, std::string("cannot be mapped: ") + std::strerror(errno));
  std::shared_ptr<const MappedFile> mapped(
      new MappedFile({static_cast<const std::byte*>(address), size}));
  const std::lock_guard lock(mappings().mutex);
  mappings().all.insert({address, size});
  return mapped;
}

MappedFile::~MappedFile() {
  if (bytes_.empty()) return;
  auto* const address = const_cast<std::byte*>(bytes_.data());
  const std::lock_guard lock(mappings().mutex);
  mappings().all.erase({address, bytes_.size()});
  ::munmap(address, bytes_.size());
}

void release_mapped_pages() {
  const std::lock_guard lock(mappings().mutex);
  for (const auto& [address, size] : mappings().all)
    ::madvise(address, size, MADV_DONTNEED);
}

}  // namespace braid
