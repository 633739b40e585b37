#include "kernels/reference/kernels.hpp"
#include "kernels/reference/view.hpp"

namespace braid::reference::ops {
namespace {

/// Output dimension i is dimension perm[i] of `data` seen with the dims `seen`; the output gets the
/// dims `out_dims`.
void permute(KernelCall& call, const Dims& seen, const Dims& perm, const Dims& out_dims) {
  const Tensor& data = call.input(0);
  const Dims strides = contiguous_strides(seen);
  Dims dims;
  Dims steps;
  for (const std::int64_t from : perm) {
    dims.push_back(seen[static_cast<std::size_t>(from)]);
    steps.push_back(strides[static_cast<std::size_t>(from)]);
  }
  element_size(call, data.dtype());
  Tensor& out = call.output(0, data.dtype(), out_dims.empty() ? dims : out_dims);
  copy_view(call, data, 0, dims, steps, out);
}

/// The block size, after checking that the input is an image.
std::int64_t block_size(const KernelCall& call) {
  const std::int64_t block = call.attributes().get_int("blocksize", 0);
  if (block < 1 || block > 1 << 20) call.fail("blocksize " + std::to_string(block) + " is invalid");
  if (call.input(0).rank() != 4) call.fail("input must have 4 dimensions");
  return block;
}

}  // namespace

void transpose(KernelCall& call) {
  const Tensor& x = call.input(0);
  Dims perm = call.attributes().get_ints("perm");
  if (!call.attributes().has("perm")) {
    for (std::int64_t d = x.rank(); d-- > 0;)
      perm.push_back(d);
  }
  if (static_cast<std::int64_t>(perm.size()) != x.rank()) {
    call.fail("perm " + format_dims(perm) + " does not fit " + format_dims(x.dims()));
  }
  normalise_axes(call, perm, x.rank());  // each axis once
  for (std::int64_t& axis : perm)
    axis = normalise_axis(call, axis, x.rank());
  permute(call, x.dims(), perm, {});
}

void depth_to_space(KernelCall& call) {
  const std::int64_t b = block_size(call);
  const Dims& d = call.input(0).dims();
  if (d[1] % (b * b) != 0) call.fail("blocksize does not divide the channels");
  const std::string mode = call.attributes().get_string("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") call.fail("mode " + mode + " is unknown");
  const std::int64_t depth = d[1] / (b * b);
  const Dims out{d[0], depth, d[2] * b, d[3] * b};
  if (mode == "DCR") {
    permute(call, {d[0], b, b, depth, d[2], d[3]}, {0, 3, 4, 1, 5, 2}, out);
  } else {
    permute(call, {d[0], depth, b, b, d[2], d[3]}, {0, 1, 4, 2, 5, 3}, out);
  }
}

void space_to_depth(KernelCall& call) {
  const std::int64_t b = block_size(call);
  const Dims& d = call.input(0).dims();
  if (d[2] % b != 0 || d[3] % b != 0) call.fail("blocksize does not divide height and width");
  permute(call, {d[0], d[1], d[2] / b, b, d[3] / b, b}, {0, 3, 5, 1, 2, 4},
          {d[0], d[1] * b * b, d[2] / b, d[3] / b});
}

}  // namespace braid::reference::ops
