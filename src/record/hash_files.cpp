#include "record/hash_files.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "support/byte_hash.hpp"
#include "support/mapped_file.hpp"

namespace braid {
namespace {

// Small enough to be in the cache still when it is read for the second hash.
constexpr std::size_t kPiece = std::size_t{1} << 18;

template <class Take>
void in_pieces(std::span<const std::byte> bytes, Take take) {
  for (; bytes.size() > kPiece; bytes = bytes.subspan(kPiece))
    take(bytes.first(kPiece));
  take(bytes);
}

// Keeps the disk at work while what it brought is hashed: weights are mostly too small for that.
class ReadAhead {
 public:
  explicit ReadAhead(std::span<const std::byte> file) : rest_(file) {}

  void reach(std::uint64_t offset) {
    if (offset + kDistance / 2 < asked_) return;
    const std::size_t count = std::min<std::size_t>(rest_.size(), kDistance);
    read_ahead(rest_.first(count));
    rest_ = rest_.subspan(count);
    asked_ += count;
  }

 private:
  static constexpr std::uint64_t kDistance = std::uint64_t{16} << 20;

  std::span<const std::byte> rest_;
  std::uint64_t asked_ = 0;
};

FileHashes hash_file(const SourceFile& file) {
  FileHashes hashes;
  ByteHash whole(ByteHash::Width::Bits128);
  ReadAhead ahead(file.image);
  std::uint64_t at = 0;
  for (const SourceFile::Weight& weight : file.weights) {
    ahead.reach(weight.end());
    whole.add(file.image.subspan(at, weight.offset - at));
    ByteHash own(ByteHash::Width::Bits64);
    const auto add = [&](std::span<const std::byte> window) {
      in_pieces(window, [&](std::span<const std::byte> piece) {
        whole.add(piece);
        own.add(piece);
      });
    };
    weight.bytes.for_each_piece(
        [&](std::span<const std::byte> piece) { read_through(piece, add); });
    hashes.weights.push_back(own.hex());
    at = weight.end();
  }
  whole.add(file.image.subspan(at));
  hashes.file = whole.hex();
  return hashes;
}

}  // namespace

std::vector<FileHashes> hash_files(const std::vector<const SourceFile*>& files, int jobs) {
  std::vector<FileHashes> hashes(files.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < files.size(); i = next++)
      hashes[i] = hash_file(*files[i]);
  };
  const std::size_t wanted =
      jobs > 0 ? static_cast<std::size_t>(jobs) : std::thread::hardware_concurrency();
  std::vector<std::future<void>> others;
  for (std::size_t i = 1; i < std::min(wanted, files.size()); ++i)
    others.push_back(std::async(std::launch::async, work));
  work();
  for (std::future<void>& other : others)
    other.get();
  return hashes;
}

}  // namespace braid
