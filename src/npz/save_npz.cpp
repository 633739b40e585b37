#include <zip.h>

#include <bit>
#include <cstring>
#include <list>
#include <memory>

#include "braid/error.hpp"
#include "braid/npz.hpp"
#include "npz/npy_format.hpp"
#include "support/output_file.hpp"

namespace braid {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

// 1 January 1980, midnight: the earliest that zip can say, whatever the time zone.
constexpr zip_uint16_t kDosTime = 0;
constexpr zip_uint16_t kDosDate = (1 << 5) | 1;

Tensor widened(const Tensor& tensor) {
  if (tensor.dtype() != DType::BFloat16) return tensor;
  Tensor wide = Tensor::allocate(DType::Float32, tensor.dims());
  const auto source = tensor.data<std::uint16_t>();
  const auto target = wide.mutable_data<float>();
  for (std::size_t i = 0; i < target.size(); ++i) {
    target[i] = std::bit_cast<float>(static_cast<std::uint32_t>(source[i]) << 16);
  }
  return wide;
}

/// Builds an archive in memory. It refers to the tensors' bytes until finish().
class ZipWriter {
 public:
  explicit ZipWriter(std::string path) : path_(std::move(path)) {
    zip_error_t error;
    zip_error_init(&error);
    source_ = zip_source_buffer_create(nullptr, 0, 0, &error);
    if (source_ != nullptr) {
      zip_source_keep(source_);
      archive_ = zip_open_from_source(source_, ZIP_TRUNCATE, &error);
    }
    const std::string cause = zip_error_strerror(&error);
    zip_error_fini(&error);
    if (archive_ != nullptr) return;
    if (source_ != nullptr) {  // zip_open_from_source() takes its reference only if it succeeds
      zip_source_free(source_);
      zip_source_free(source_);
    }
    fail(cause);
  }
  ZipWriter(const ZipWriter&) = delete;
  ZipWriter& operator=(const ZipWriter&) = delete;
  ~ZipWriter() {
    if (archive_ != nullptr) zip_discard(archive_);
    zip_source_free(source_);
  }

  void add(const std::string& name, const Tensor& tensor) {
    const std::string place = path_ + ": '" + name + "'";
    if (!tensor.has_data()) throw Error(ErrorKind::Output, place + ": the tensor has no data");
    const Tensor& kept = tensors_.emplace_back(
        tensor.dtype() == DType::String ? tensor : widened(tensor.materialised()));
    std::string& header = headers_.emplace_back(npy_header(kept.dtype(), kept.dims(), place));
    // libzip only reads from fragments, but declares them writable.
    auto* data = const_cast<zip_uint8_t*>(reinterpret_cast<const zip_uint8_t*>(kept.raw().data()));
    const zip_buffer_fragment_t fragments[] = {
        {reinterpret_cast<zip_uint8_t*>(header.data()), header.size()}, {data, kept.bytes()}};
    zip_source_t* source =
        zip_source_buffer_fragment(archive_, fragments, kept.bytes() > 0 ? 2 : 1, 0);
    if (source == nullptr) fail(zip_strerror(archive_));
    const zip_int64_t index =
        zip_file_add(archive_, (name + ".npy").c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);
      fail("'" + name + "': " + zip_strerror(archive_));
    }
    const auto entry = static_cast<zip_uint64_t>(index);
    if (zip_set_file_compression(archive_, entry, ZIP_CM_STORE, 0) != 0 ||
        zip_file_set_dostime(archive_, entry, kDosTime, kDosDate, 0) != 0) {
      fail(zip_strerror(archive_));
    }
  }

  void finish(OutputFile& file) {
    if (zip_close(archive_) != 0) fail(zip_strerror(archive_));
    archive_ = nullptr;
    if (zip_source_open(source_) != 0) fail(zip_error_strerror(zip_source_error(source_)));
    std::vector<std::byte> chunk(kChunkBytes);
    for (;;) {
      const zip_int64_t count = zip_source_read(source_, chunk.data(), chunk.size());
      if (count < 0) fail(zip_error_strerror(zip_source_error(source_)));
      if (count == 0) break;
      file.write(std::span(chunk).first(static_cast<std::size_t>(count)));
    }
    zip_source_close(source_);
  }

 private:
  [[noreturn]] void fail(const std::string& cause) const {
    throw Error(ErrorKind::Output, path_ + ": " + cause);
  }

  std::string path_;
  zip_source_t* source_ = nullptr;
  zip_t* archive_ = nullptr;
  std::list<std::string> headers_;  // a list, for addresses that stay
  std::list<Tensor> tensors_;
};

}  // namespace

NamedTensors name_tensors(const std::string& name, const Datum& datum) {
  if (!datum) return {};
  if (datum.is_tensor()) return {{name, datum.tensor()}};
  NamedTensors named;
  for (std::size_t i = 0; i < datum.elements().size(); ++i) {
    const bool is_sequence = datum.kind() == Datum::Kind::Sequence;
    const std::string inner = is_sequence ? name + "/" + std::to_string(i) : name;
    for (auto& entry : name_tensors(inner, datum.elements()[i]))
      named.push_back(std::move(entry));
  }
  return named;
}

void save_npz(const std::filesystem::path& path, const NamedTensors& tensors, bool overwrite) {
  if (tensors.empty()) {
    throw Error(ErrorKind::Output, path.string() + ": there is no tensor to write");
  }
  OutputFile file(path, overwrite);
  ZipWriter archive(path.string());
  for (const auto& [name, tensor] : tensors)
    archive.add(name, tensor);
  archive.finish(file);
  file.commit();
}

}  // namespace braid
