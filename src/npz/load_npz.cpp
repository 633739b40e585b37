#include <memory>

#include "braid/error.hpp"
#include "braid/limits.hpp"
#include "braid/npz.hpp"
#include "npz/npy_format.hpp"
#include "npz/zip_reader.hpp"
#include "support/mapped_file.hpp"
#include "support/memory_claim.hpp"

namespace braid {
namespace {

constexpr std::string_view kSuffix = ".npy";

struct Entry {
  explicit Entry(MemoryClaim own) : claim(std::move(own)) {}

  MemoryClaim claim;
  std::vector<std::byte> bytes;
};

}  // namespace

NamedTensors load_npz(const std::filesystem::path& path) {
  const ZipReader archive(path, limits().memory);
  NamedTensors tensors;
  for (std::size_t i = 0; i < archive.entry_count(); ++i) {
    const std::string& name = archive.name(i);
    const std::string place = path.string() + ": entry '" + name + "'";
    if (!name.ends_with(kSuffix)) {
      throw Error(ErrorKind::BadInput, place + " is no array (*.npy); write it with numpy.savez");
    }
    const auto entry = std::make_shared<Entry>(MemoryClaim(archive.bytes(i)));
    entry->bytes = archive.read(i);
    tensors.emplace_back(name.substr(0, name.size() - kSuffix.size()),
                         parse_npy(entry->bytes, entry, place));
  }
  return tensors;
}

Tensor load_npy(const std::filesystem::path& path) {
  const auto file = MappedFile::open(path);
  return parse_npy(file->bytes(), file, path.string());
}

}  // namespace braid
