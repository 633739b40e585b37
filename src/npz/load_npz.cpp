#include <memory>

#include "braid/error.hpp"
#include "braid/npz.hpp"
#include "npz/npy_format.hpp"
#include "npz/zip_reader.hpp"
#include "support/mapped_file.hpp"

namespace braid {
namespace {

constexpr std::uint64_t kByteLimit = std::uint64_t{16} << 30;
constexpr std::string_view kSuffix = ".npy";

}  // namespace

NamedTensors load_npz(const std::filesystem::path& path) {
  const ZipReader archive(path, kByteLimit);
  NamedTensors tensors;
  for (std::size_t i = 0; i < archive.entry_count(); ++i) {
    const std::string& name = archive.name(i);
    const std::string place = path.string() + ": entry '" + name + "'";
    if (!name.ends_with(kSuffix)) {
      throw Error(ErrorKind::BadInput, place + " is no array (*.npy); write it with numpy.savez");
    }
    const auto bytes = std::make_shared<const std::vector<std::byte>>(archive.read(i));
    tensors.emplace_back(name.substr(0, name.size() - kSuffix.size()),
                         parse_npy(*bytes, bytes, place));
  }
  return tensors;
}

Tensor load_npy(const std::filesystem::path& path) {
  const auto file = MappedFile::open(path);
  return parse_npy(file->bytes(), file, path.string());
}

}  // namespace braid
