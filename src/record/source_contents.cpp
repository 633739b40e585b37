#include "record/source_contents.hpp"

#include "support/byte_hash.hpp"
#include "support/mapped_file.hpp"

namespace braid {
namespace {

std::string key_of(std::uint64_t length, const std::string& hash) {
  return std::to_string(length) + " " + hash;
}

// Small enough to be in the cache still when it is read for the second hash.
constexpr std::size_t kPiece = std::size_t{1} << 18;

template <class Take>
void in_pieces(std::span<const std::byte> bytes, Take take) {
  for (; bytes.size() > kPiece; bytes = bytes.subspan(kPiece))
    take(bytes.first(kPiece));
  take(bytes);
}

}  // namespace

std::vector<SourceContents::File> SourceContents::add(std::shared_ptr<const ModelSource> source) {
  std::vector<File> files;
  for (const SourceFile& file : source->files) {
    File& added = files.emplace_back();
    ByteHash whole(ByteHash::Width::Bits128);
    std::uint64_t at = 0;
    for (const SourceFile::Weight& weight : file.weights) {
      whole.add(file.image.subspan(at, weight.offset - at));
      ByteHash own(ByteHash::Width::Bits64);
      weight.bytes.for_each_piece([&](std::span<const std::byte> bytes) {
        in_pieces(bytes, [&](std::span<const std::byte> piece) {
          whole.add(piece);
          own.add(piece);
        });
        count_mapped_reads(bytes.size());
      });
      added.contents.push_back(id_of(weight.bytes, own.hex()));
      at = weight.end();
    }
    whole.add(file.image.subspan(at));
    added.hash = whole.hex();
  }
  sources_.push_back(std::move(source));
  return files;
}

std::size_t SourceContents::id_of(const Tensor& bytes, const std::string& hash) {
  const std::uint64_t length = bytes.bytes();
  const auto [it, is_new] = by_hash_.emplace(key_of(length, hash), contents_.size());
  if (is_new) {
    Content& content = contents_.emplace_back();
    content.length = length;
    content.hash = hash;
    bytes_.push_back(bytes);
  }
  if (bytes.is_contiguous()) by_address_.emplace(bytes.raw().data(), it->second);
  return it->second;
}

std::optional<std::size_t> SourceContents::find_address(const Tensor& tensor) const {
  if (!tensor.is_contiguous() || !tensor.has_data()) return std::nullopt;
  const auto known = by_address_.find(tensor.raw().data());
  if (known == by_address_.end() || contents_[known->second].length != tensor.bytes())
    return std::nullopt;
  return known->second;
}

const std::string* SourceContents::known_hash(const Tensor& tensor) const {
  const auto found = find_address(tensor);
  return found ? &contents_[*found].hash : nullptr;
}

std::optional<std::size_t> SourceContents::find(const Tensor& tensor) const {
  if (const auto found = find_address(tensor)) return found;
  return find(tensor.bytes(), data_hash(tensor));
}

std::optional<std::size_t> SourceContents::find(std::uint64_t length,
                                                const std::string& hash) const {
  const auto found = by_hash_.find(key_of(length, hash));
  if (found == by_hash_.end()) return std::nullopt;
  return found->second;
}

}  // namespace braid
