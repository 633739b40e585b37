#include <algorithm>
#include <cstring>

#include "kernels/reference/broadcast.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/view.hpp"

namespace braid::reference::ops {
namespace {

/// Pads before and after each dimension; negative ones cut off.
struct Pads {
  Dims before, after;
};

Pads read_pads(const KernelCall& call) {
  const Tensor& x = call.input(0);
  const Dims values = int_parameter(call, 1, "pads");
  Dims axes = call.has_input(3) ? int_input(call, 3) : Dims{};
  if (!call.has_input(3)) {
    for (std::int64_t d = 0; d < x.rank(); ++d)
      axes.push_back(d);
  }
  if (values.size() != 2 * axes.size()) {
    call.fail("pads " + format_dims(values) + " must be two per axis");
  }
  normalise_axes(call, axes, x.rank());  // in range, each once
  Pads pads{Dims(x.dims().size(), 0), Dims(x.dims().size(), 0)};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto d = static_cast<std::size_t>(normalise_axis(call, axes[i], x.rank()));
    pads.before[d] = values[i];
    pads.after[d] = values[axes.size() + i];
    constexpr std::int64_t kMost = std::int64_t{1} << 44;
    if (std::max(std::abs(pads.before[d] / 2), std::abs(pads.after[d] / 2)) > kMost) {
      call.fail("pads " + format_dims(values) + " are out of range");
    }
  }
  return pads;
}

/// The input index that an index beyond the input stands for; -1 for the constant.
std::int64_t source_index(const KernelCall& call, const std::string& mode, std::int64_t index,
                          std::int64_t dim) {
  if (index >= 0 && index < dim) return index;
  if (mode == "constant") return -1;
  if (dim <= 0) call.fail("an empty dimension has nothing to pad with");
  if (mode == "edge") return index < 0 ? 0 : dim - 1;
  if (mode == "wrap") return (index % dim + dim) % dim;
  if (dim == 1) return 0;
  const std::int64_t period = 2 * (dim - 1);  // reflect
  const std::int64_t phase = (index % period + period) % period;
  return phase < dim ? phase : period - phase;
}

/// For each output index along a dimension: the input offset, or -1 for the constant. Negative pads
/// cut off first, so that nothing cut comes back by reflection or wrapping.
Dims source_offsets(const KernelCall& call, const std::string& mode, std::int64_t dim,
                    std::int64_t before, std::int64_t after, std::int64_t stride) {
  const std::int64_t cut = std::max<std::int64_t>(0, -before);
  const std::int64_t left = dim - cut - std::max<std::int64_t>(0, -after);
  Dims offsets;
  for (std::int64_t i = 0; i < dim + before + after; ++i) {
    const std::int64_t index =
        source_index(call, mode, i - std::max<std::int64_t>(0, before), left);
    offsets.push_back(index < 0 ? -1 : (index + cut) * stride);
  }
  return offsets;
}

/// Bytes of the constant to pad with.
std::vector<std::byte> pad_value(const KernelCall& call, std::int64_t size) {
  const Tensor& x = call.input(0);
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  if (call.has_input(2)) {
    const Tensor& value = call.input(2);
    require_same_type(call, x, value);
    if (value.size() != 1) call.fail("the padding value must be one value");
    std::copy(value.raw().begin(), value.raw().end(), bytes.begin());
  } else if (const double value = call.attributes().get_float("value", 0.0F); value != 0.0) {
    require_type(call, x.dtype(), kFloats);
    store(x.dtype(), bytes.data(), 0, 1, 1, &value);
  }
  return bytes;
}

/// Pads and cuts; `value` is the constant to pad with.
void apply(KernelCall& call, const std::string& mode, const Pads& pads,
           const std::vector<std::byte>& value) {
  const Tensor& x = call.input(0);
  const auto size = static_cast<std::int64_t>(value.size());
  Dims dims = x.dims();
  for (std::size_t d = 0; d < dims.size(); ++d)
    dims[d] += pads.before[d] + pads.after[d];
  Tensor& out = allocate(call, 0, x.dtype(), dims);
  const std::byte* from = x.raw().data();
  std::byte* to = out.mutable_raw().data();
  if (dims.empty()) {
    std::memcpy(to, from, static_cast<std::size_t>(size));
    return;
  }
  if (out.size() == 0) return;
  const Dims strides = contiguous_strides(x.dims());
  std::vector<Dims> sources;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    sources.push_back(
        source_offsets(call, mode, x.dims()[d], pads.before[d], pads.after[d], strides[d]));
  }
  const std::int64_t inner = dims.back();
  parallel_for(out.size() / inner, inner, [&](std::int64_t row) {
    std::int64_t offset = 0;
    std::int64_t rest = row;
    for (std::size_t d = dims.size() - 1; d-- > 0;) {
      const std::int64_t source = sources[d][static_cast<std::size_t>(rest % dims[d])];
      rest /= dims[d];
      offset = source < 0 || offset < 0 ? -1 : offset + source;
    }
    std::byte* target = to + row * inner * size;
    for (const std::int64_t source : sources.back()) {
      const bool inside = offset >= 0 && source >= 0;
      std::memcpy(target, inside ? from + (offset + source) * size : value.data(),
                  static_cast<std::size_t>(size));
      target += size;
    }
  });
}

}  // namespace

void pad(KernelCall& call) {
  const Tensor& x = call.input(0);
  const std::int64_t size = element_size(call, x.dtype());
  const std::string mode = call.attributes().get_string("mode", "constant");
  if (mode != "constant" && mode != "reflect" && mode != "edge" && mode != "wrap") {
    call.fail("mode " + mode + " is unknown");
  }
  apply(call, mode, read_pads(call), pad_value(call, size));
}

void center_crop_pad(KernelCall& call) {
  const Tensor& x = call.input(0);
  const Dims targets = int_input(call, 1);
  Dims axes = call.attributes().get_ints("axes");
  if (axes.empty()) {
    for (std::int64_t d = 0; d < x.rank(); ++d)
      axes.push_back(d);
  }
  normalise_axes(call, axes, x.rank());  // in range, each once
  if (targets.size() != axes.size()) {
    call.fail("shape " + format_dims(targets) + " must have " + std::to_string(axes.size()) +
              " values");
  }
  Pads pads{Dims(x.dims().size(), 0), Dims(x.dims().size(), 0)};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    constexpr std::int64_t kMost = std::int64_t{1} << 44;
    if (targets[i] < 0 || targets[i] > kMost) {
      call.fail("shape " + format_dims(targets) + " is out of range");
    }
    const auto d = static_cast<std::size_t>(normalise_axis(call, axes[i], x.rank()));
    const std::int64_t more = targets[i] - x.dims()[d];
    pads.before[d] = more / 2;  // towards zero: what is odd is padded or cut behind
    pads.after[d] = more - more / 2;
  }
  const std::int64_t size = element_size(call, x.dtype());
  apply(call, "constant", pads, std::vector<std::byte>(static_cast<std::size_t>(size)));
}

}  // namespace braid::reference::ops
