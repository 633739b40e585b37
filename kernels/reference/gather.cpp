#include "kernels/reference/broadcast.hpp"
#include "kernels/reference/indices.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/view.hpp"

namespace braid::reference {

Dims checked_indices(const KernelCall& call, std::size_t input, std::int64_t dim) {
  Dims indices = int_input(call, input);
  for (std::int64_t& index : indices)
    index = checked_index(call, index, dim);
  return indices;
}

std::int64_t checked_index(const KernelCall& call, std::int64_t index, std::int64_t dim) {
  if (index < -dim || index >= dim) {
    call.fail("index " + std::to_string(index) + " is out of range for a dimension of " +
              std::to_string(dim));
  }
  return index < 0 ? index + dim : index;
}

Dims tuple_offsets(const KernelCall& call, const Dims& data, const Tensor& indices,
                   std::int64_t batch_dims) {
  const Dims values = int_input(call, 1);
  const Dims strides = contiguous_strides(data);
  const std::int64_t length = indices.dims().back();
  const std::int64_t tuples = product(indices.dims(), 0, indices.rank() - 1);
  const std::int64_t batches = product(data, 0, batch_dims);
  const std::int64_t batch_size = product(data, batch_dims, static_cast<std::int64_t>(data.size()));
  Dims offsets(static_cast<std::size_t>(tuples));
  for (std::int64_t i = 0; i < tuples; ++i) {
    std::int64_t offset = i / (tuples / batches) * batch_size;
    for (std::int64_t j = 0; j < length; ++j) {
      const auto d = static_cast<std::size_t>(batch_dims + j);
      const std::int64_t index = values[static_cast<std::size_t>(i * length + j)];
      offset += checked_index(call, index, data[d]) * strides[d];
    }
    offsets[static_cast<std::size_t>(i)] = offset;
  }
  return offsets;
}

Dims element_offsets(const KernelCall& call, const Dims& data, const Tensor& indices,
                     std::int64_t axis) {
  if (indices.dims().size() != data.size()) {
    call.fail("indices " + format_dims(indices.dims()) + " and data " + format_dims(data) +
              " differ in rank");
  }
  Dims strides = contiguous_strides(data);
  const auto at = static_cast<std::size_t>(axis);
  const std::int64_t step = strides[at];
  strides[at] = 0;
  for (std::size_t d = 0; d < data.size(); ++d) {
    if (d != at && indices.dims()[d] > data[d]) {
      call.fail("indices " + format_dims(indices.dims()) + " exceed data " + format_dims(data));
    }
  }
  Dims offsets = offset_table(indices.dims(), strides);
  const Dims values = checked_indices(call, 1, data[at]);
  for (std::size_t i = 0; i < offsets.size(); ++i)
    offsets[i] += values[i] * step;
  return offsets;
}

namespace ops {

void gather(KernelCall& call) {
  const Tensor& data = call.input(0);
  const Tensor& indices = call.input(1);
  const std::int64_t size = element_size(call, data.dtype());
  const std::int64_t axis = normalise_axis(call, call.attributes().get_int("axis", 0), data.rank());
  const std::int64_t dim = data.dims()[static_cast<std::size_t>(axis)];
  const Dims places = checked_indices(call, 1, dim);
  Dims dims(data.dims().begin(), data.dims().begin() + axis);
  dims.insert(dims.end(), indices.dims().begin(), indices.dims().end());
  dims.insert(dims.end(), data.dims().begin() + axis + 1, data.dims().end());
  Tensor& out = allocate(call, 0, data.dtype(), dims);
  const std::int64_t block = product(data.dims(), axis + 1, data.rank());
  const auto count = static_cast<std::int64_t>(places.size());
  if (out.size() == 0) return;
  const std::byte* from = data.raw().data();
  std::byte* to = out.mutable_raw().data();
  parallel_for(out.size() / block, block, [&](std::int64_t i) {
    const std::int64_t place = places[static_cast<std::size_t>(i % count)];
    copy_elements(size, from + (i / count * dim + place) * block * size, 1, to + i * block * size,
                  1, block);
  });
}

void gather_elements(KernelCall& call) {
  const Tensor& data = call.input(0);
  const Tensor& indices = call.input(1);
  const std::int64_t size = element_size(call, data.dtype());
  const std::int64_t axis = normalise_axis(call, call.attributes().get_int("axis", 0), data.rank());
  const Dims offsets = element_offsets(call, data.dims(), indices, axis);
  Tensor& out = call.output(0, data.dtype(), indices.dims());
  const std::byte* from = data.raw().data();
  std::byte* to = out.mutable_raw().data();
  parallel_for(out.size(), 1, [&](std::int64_t i) {
    copy_elements(size, from + offsets[static_cast<std::size_t>(i)] * size, 1, to + i * size, 1, 1);
  });
}

void gather_nd(KernelCall& call) {
  const Tensor& data = call.input(0);
  const Tensor& indices = call.input(1);
  const std::int64_t size = element_size(call, data.dtype());
  const std::int64_t batch_dims = call.attributes().get_int("batch_dims", 0);
  const std::string shapes = format_dims(data.dims()) + " and " + format_dims(indices.dims());
  if (batch_dims < 0 || batch_dims >= std::min(data.rank(), indices.rank())) {
    call.fail("batch_dims " + std::to_string(batch_dims) + " does not fit " + shapes);
  }
  const std::int64_t indexed = batch_dims + indices.dims().back();
  if (indexed > data.rank()) call.fail("index tuples are too long: " + shapes);
  for (std::int64_t d = 0; d < batch_dims; ++d) {
    if (data.dims()[static_cast<std::size_t>(d)] != indices.dims()[static_cast<std::size_t>(d)]) {
      call.fail("batch dimensions differ: " + shapes);
    }
  }
  Dims dims(indices.dims().begin(), indices.dims().end() - 1);
  dims.insert(dims.end(), data.dims().begin() + indexed, data.dims().end());
  Tensor& out = allocate(call, 0, data.dtype(), dims);
  if (out.size() == 0) return;
  const Dims offsets = tuple_offsets(call, data.dims(), indices, batch_dims);
  const std::int64_t block = product(data.dims(), indexed, data.rank());
  const std::byte* from = data.raw().data();
  std::byte* to = out.mutable_raw().data();
  parallel_for(static_cast<std::int64_t>(offsets.size()), block, [&](std::int64_t i) {
    copy_elements(size, from + offsets[static_cast<std::size_t>(i)] * size, 1,
                  to + i * block * size, 1, block);
  });
}

}  // namespace ops
}  // namespace braid::reference
