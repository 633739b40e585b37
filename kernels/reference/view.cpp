#include "kernels/reference/view.hpp"

#include <array>
#include <cstring>

#include "kernels/reference/broadcast.hpp"
#include "kernels/reference/dispatch.hpp"

namespace braid::reference {
namespace {

/// memcpy of a constant size compiles to a move and asks nothing of alignment.
template <std::size_t kSize>
void copy_sized(const std::byte* from, std::int64_t from_step, std::byte* to, std::int64_t to_step,
                std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    std::memcpy(to + i * to_step, from + i * from_step, kSize);
  }
}

}  // namespace

std::int64_t element_size(const KernelCall& call, DType dtype) {
  const int bits = dtype_bits(dtype);
  if (bits == 0 || bits % 8 != 0) fail_type(call, dtype);
  return bits / 8;
}

void copy_elements(std::int64_t size, const std::byte* from, std::int64_t from_stride,
                   std::byte* to, std::int64_t to_stride, std::int64_t count) {
  if (count <= 0) return;
  if (from_stride == 1 && to_stride == 1) {
    std::memcpy(to, from, static_cast<std::size_t>(count * size));
    return;
  }
  const std::int64_t from_step = from_stride * size;
  const std::int64_t to_step = to_stride * size;
  switch (size) {
    case 1:
      copy_sized<1>(from, from_step, to, to_step, count);
      break;
    case 2:
      copy_sized<2>(from, from_step, to, to_step, count);
      break;
    case 4:
      copy_sized<4>(from, from_step, to, to_step, count);
      break;
    case 8:
      copy_sized<8>(from, from_step, to, to_step, count);
      break;
    default:
      copy_sized<16>(from, from_step, to, to_step, count);
      break;
  }
}

void copy_view(const KernelCall& call, const Tensor& data, std::int64_t first, const Dims& dims,
               const Dims& strides, Tensor& out) {
  const std::int64_t size = element_size(call, data.dtype());
  const std::byte* from = data.raw().data();
  std::byte* to = out.mutable_raw().data();
  for_each_row(Loop(dims, {strides}), [&](std::int64_t at, const std::int64_t* offsets,
                                          const std::int64_t* steps, std::int64_t count) {
    copy_elements(size, from + (first + offsets[0]) * size, steps[0], to + at * size, 1, count);
  });
}

}  // namespace braid::reference
