#include <cstring>

#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/indices.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/view.hpp"

namespace braid::reference::ops {
namespace {

/// A copy of the data, to write updates into.
Tensor& copy_of_data(KernelCall& call) {
  const Tensor& data = call.input(0);
  element_size(call, data.dtype());
  Tensor& out = call.output(0, data.dtype(), data.dims());
  if (data.size() > 0) std::memcpy(out.mutable_raw().data(), data.raw().data(), data.bytes());
  return out;
}

/// out[offsets[i] + j] = update[i * block + j], or their combination, in the order of i. One after
/// the other: the same place may be named repeatedly.
void apply_updates(KernelCall& call, const Tensor& updates, const Dims& offsets, std::int64_t block,
                   Tensor& out) {
  const std::string mode = call.attributes().get_string("reduction", "none");
  const std::byte* from = updates.raw().data();
  std::byte* to = out.mutable_raw().data();
  const DType dtype = out.dtype();
  if (mode == "none") {
    const std::int64_t size = element_size(call, dtype);
    for (std::size_t i = 0; i < offsets.size(); ++i) {
      copy_elements(size, from, 1, to + offsets[i] * size, 1, block);
      from += block * size;
    }
    return;
  }
  dispatch_wide(call, dtype, kNumbers, [&](auto tag) {
    using W = typename decltype(tag)::type;
    const auto combine = [&](const auto& f) {
      for (std::size_t i = 0; i < offsets.size(); ++i) {
        for (std::int64_t j = 0; j < block; ++j) {
          W old{};
          W update{};
          load(dtype, to, offsets[i] + j, 1, 1, &old);
          load(dtype, from, static_cast<std::int64_t>(i) * block + j, 1, 1, &update);
          const W next = f(old, update);
          store(dtype, to, offsets[i] + j, 1, 1, &next);
        }
      }
    };
    if (mode == "add") {
      combine(wrapping_add<W>);
    } else if (mode == "mul") {
      combine(wrapping_mul<W>);
    } else if (mode == "max") {
      combine(larger<W>);
    } else if (mode == "min") {
      combine(smaller<W>);
    } else {
      call.fail("reduction " + mode + " is unknown");
    }
  });
}

}  // namespace

void scatter_elements(KernelCall& call) {
  const Tensor& data = call.input(0);
  const Tensor& indices = call.input(1);
  const Tensor& updates = call.input(2);
  require_same_type(call, data, updates);
  const std::int64_t axis = normalise_axis(call, call.attributes().get_int("axis", 0), data.rank());
  if (indices.dims() != updates.dims()) {
    call.fail("indices " + format_dims(indices.dims()) + " and updates " +
              format_dims(updates.dims()) + " differ");
  }
  Tensor& out = copy_of_data(call);
  apply_updates(call, updates, element_offsets(call, data.dims(), indices, axis), 1, out);
}

void scatter_nd(KernelCall& call) {
  const Tensor& data = call.input(0);
  const Tensor& indices = call.input(1);
  const Tensor& updates = call.input(2);
  require_same_type(call, data, updates);
  if (data.rank() < 1 || indices.rank() < 1 || indices.dims().back() > data.rank()) {
    call.fail("indices " + format_dims(indices.dims()) + " do not fit data " +
              format_dims(data.dims()));
  }
  const std::int64_t length = indices.dims().back();
  Dims expected(indices.dims().begin(), indices.dims().end() - 1);
  expected.insert(expected.end(), data.dims().begin() + length, data.dims().end());
  if (updates.dims() != expected) {
    call.fail("updates " + format_dims(updates.dims()) + " must be " + format_dims(expected));
  }
  Tensor& out = copy_of_data(call);
  if (updates.size() == 0) return;
  apply_updates(call, updates, tuple_offsets(call, data.dims(), indices, 0),
                product(data.dims(), length, data.rank()), out);
}

}  // namespace braid::reference::ops
