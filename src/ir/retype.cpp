#include "ir/retype.hpp"

namespace braid {

Tensor retyped(const Tensor& tensor, DType dtype, std::vector<std::int64_t> dims) {
  if (tensor.is_contiguous()) {
    return Tensor::borrow(dtype, std::move(dims), tensor.raw(),
                          std::make_shared<const Tensor>(tensor));
  }
  return Tensor::streamed(dtype, std::move(dims),
                          [tensor](const Tensor::PieceSink& sink) { tensor.for_each_piece(sink); });
}

Tensor as_bytes(const Tensor& tensor) {
  return retyped(tensor, DType::UInt8, {static_cast<std::int64_t>(tensor.bytes())});
}

}  // namespace braid
