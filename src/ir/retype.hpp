#pragma once

#include "braid/tensor.hpp"

namespace braid {

/// The same bytes as a tensor of another type and dims, which take as many; shares the storage.
Tensor retyped(const Tensor& tensor, DType dtype, std::vector<std::int64_t> dims);

/// The bytes of a tensor with data other than strings, as uint8[bytes].
Tensor as_bytes(const Tensor& tensor);

}  // namespace braid
