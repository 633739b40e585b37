// A content as it was in the member's file, of where it lies in the merged model.

#include "ir/retype.hpp"
#include "ir/transpose.hpp"
#include "record/record_data.hpp"
#include "support/assert.hpp"

namespace braid {
namespace {

// The bytes of blocks that lie apart, one after the other.
Tensor gathered(const Tensor& source, const Content& content) {
  const Tensor::Place place = content.place;
  const auto size = static_cast<std::int64_t>(content.length);
  if (place.block == content.length) {
    return Tensor::borrow(DType::UInt8, {size}, source.raw().subspan(place.offset, place.block),
                          std::make_shared<const Tensor>(source));
  }
  const std::uint64_t blocks = content.length / place.block;
  return Tensor::streamed(DType::UInt8, {size}, [=](const Tensor::PieceSink& sink) {
    for (std::uint64_t i = 0; i < blocks; ++i)
      sink(source.raw().subspan(place.offset + i * place.stride, place.block));
  });
}

}  // namespace

Tensor content_bytes(const std::shared_ptr<const RecordData>& record, const Content& content) {
  const auto size = static_cast<std::int64_t>(content.length);
  if (content.tensor < 0) {
    const auto bytes = std::as_bytes(std::span(record->small));
    return Tensor::borrow(DType::UInt8, {size}, bytes.subspan(content.place.offset, content.length),
                          record);
  }
  const Tensor& source = record->data[static_cast<std::size_t>(content.tensor)];
  Tensor bytes = gathered(source, content);
  if (content.rows == 0) return bytes;
  const auto element = static_cast<std::int64_t>(dtype_bytes(source.dtype(), 1));
  const Tensor matrix =
      retyped(bytes.materialised(), source.dtype(), {content.rows, size / element / content.rows});
  const auto turned = transposed(matrix, {1, 0});
  BRAID_ASSERT(turned.has_value(), "only elements of whole bytes were transposed");
  return as_bytes(*turned);
}

}  // namespace braid
