#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {
namespace {

/// The blocks of all dimensions of an image.
struct Blocks {
  Dims image, block, stride, dilation, pad, count;
};

Dims per_dimension(const KernelCall& call, const char* name, std::size_t size, std::int64_t least) {
  constexpr std::int64_t kMost = std::int64_t{1} << 30;
  Dims values = call.attributes().get_ints(name);
  if (values.empty()) values.assign(size, least);
  for (const std::int64_t value : values) {
    if (values.size() != size || value < least || value > kMost) {
      call.fail(std::string(name) + " " + format_dims(values) + " is out of range");
    }
  }
  return values;
}

Blocks read_blocks(const KernelCall& call) {
  Blocks blocks;
  blocks.image = int_input(call, 1);
  blocks.block = int_input(call, 2);
  const std::size_t rank = blocks.image.size();
  blocks.stride = per_dimension(call, "strides", rank, 1);
  blocks.dilation = per_dimension(call, "dilations", rank, 1);
  blocks.pad = per_dimension(call, "pads", 2 * rank, 0);
  if (rank == 0 || blocks.block.size() != rank) call.fail("image and block differ in rank");
  for (std::size_t d = 0; d < rank; ++d) {
    constexpr std::int64_t kMost = std::int64_t{1} << 30;
    const bool is_known = blocks.image[d] >= 1 && blocks.image[d] <= kMost &&
                          blocks.block[d] >= 1 && blocks.block[d] <= kMost;
    const std::int64_t room = is_known ? blocks.image[d] + blocks.pad[d] + blocks.pad[rank + d] -
                                             blocks.dilation[d] * (blocks.block[d] - 1) - 1
                                       : -1;
    if (room < 0) call.fail("blocks do not fit an image of " + format_dims(blocks.image));
    blocks.count.push_back(room / blocks.stride[d] + 1);
  }
  return blocks;
}

/// Where in the image an element of a block lies; -1 in the padding.
std::int64_t place(const Blocks& blocks, std::int64_t tap, std::int64_t at) {
  std::int64_t offset = 0;
  std::int64_t step = 1;
  for (std::size_t d = blocks.image.size(); d-- > 0;) {
    const std::int64_t index = at % blocks.count[d] * blocks.stride[d] - blocks.pad[d] +
                               tap % blocks.block[d] * blocks.dilation[d];
    if (index < 0 || index >= blocks.image[d]) return -1;
    offset += index * step;
    step *= blocks.image[d];
    at /= blocks.count[d];
    tap /= blocks.block[d];
  }
  return offset;
}

}  // namespace

void col2im(KernelCall& call) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kNumbers);
  const Blocks blocks = read_blocks(call);
  const std::int64_t taps = product(blocks.block);
  const std::int64_t count = product(blocks.count);
  if (x.rank() != 3 || x.dim(1) % taps != 0 || x.dim(2) != count) {
    call.fail("input " + format_dims(x.dims()) + " does not hold " + std::to_string(count) +
              " blocks of " + format_dims(blocks.block));
  }
  Dims dims = blocks.image;
  dims.insert(dims.begin(), {x.dim(0), x.dim(1) / taps});
  Tensor& out = allocate(call, 0, x.dtype(), dims);
  const std::int64_t plane = product(blocks.image);
  const std::vector<double> values = to_doubles(x);
  std::byte* to = out.mutable_raw().data();
  parallel_for(dims[0] * dims[1], taps * count, [&](std::int64_t p) {
    std::vector<double> image(static_cast<std::size_t>(plane), 0.0);
    for (std::int64_t i = 0; i < taps * count; ++i) {
      const std::int64_t offset = place(blocks, i / count, i % count);
      if (offset < 0) continue;
      image[static_cast<std::size_t>(offset)] +=
          values[static_cast<std::size_t>(p * taps * count + i)];
    }
    store(x.dtype(), to, p * plane, 1, plane, image.data());
  });
}

}  // namespace braid::reference::ops
