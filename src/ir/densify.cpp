#include "ir/densify.hpp"

#include <cstring>

#include "braid/error.hpp"

namespace braid {
namespace {

// Flat position of entry `i`: stored as such, or as one index per axis.
std::int64_t position(const SparseTensor& sparse, std::span<const std::int64_t> indices,
                      std::int64_t i, const std::string& place) {
  const auto fail = [&](std::int64_t index) {
    throw Error(ErrorKind::BadInput,
                place + ": index " + std::to_string(index) + " is out of range; export it again");
  };
  const std::size_t rank = sparse.dims.size();
  std::int64_t flat = 0;
  if (sparse.indices.rank() == 1) {
    flat = indices[static_cast<std::size_t>(i)];
    if (flat < 0 || flat >= Tensor::weightless(DType::UInt8, sparse.dims).size()) fail(flat);
    return flat;
  }
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const std::int64_t index = indices[static_cast<std::size_t>(i) * rank + axis];
    if (index < 0 || index >= sparse.dims[axis]) fail(index);
    flat = flat * sparse.dims[axis] + index;
  }
  return flat;
}

void check(const SparseTensor& sparse, const std::string& place) {
  const Tensor& indices = sparse.indices;
  const auto rank = static_cast<std::int64_t>(sparse.dims.size());
  const bool has_data = sparse.values.has_data() && indices.has_data();
  const bool fits = indices.dtype() == DType::Int64 && sparse.values.rank() == 1 &&
                    (indices.rank() == 1 || (indices.rank() == 2 && indices.dim(1) == rank)) &&
                    indices.dim(0) == sparse.values.dim(0);
  if (has_data && fits && dtype_bits(sparse.values.dtype()) % 8 == 0 &&
      sparse.values.dtype() != DType::String) {
    return;
  }
  throw Error(ErrorKind::BadInput, place + ": values " + describe(sparse.values) + " and indices " +
                                       describe(indices) +
                                       " do not make a sparse tensor; export it again");
}

}  // namespace

Tensor densify(const SparseTensor& sparse, const std::string& name) {
  const std::string place = "sparse initializer '" + name + "'";
  check(sparse, place);
  Tensor dense = Tensor::allocate(sparse.values.dtype(), sparse.dims);
  const Tensor values = sparse.values.materialised();
  const std::vector<std::int64_t> indices = to_int64s(sparse.indices);
  const std::size_t element = dtype_bytes(values.dtype(), 1);
  for (std::int64_t i = 0; i < values.size(); ++i) {
    const auto target = static_cast<std::size_t>(position(sparse, indices, i, place));
    std::memcpy(dense.mutable_raw().data() + target * element,
                values.raw().data() + static_cast<std::size_t>(i) * element, element);
  }
  return dense;
}

}  // namespace braid
