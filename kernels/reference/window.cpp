#include "kernels/reference/window.hpp"

#include <algorithm>

namespace braid::reference {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return a > 0 ? (a + b - 1) / b : -(-a / b);
}

namespace {

/// An attribute of one value per spatial dimension, into the last places of `to`.
void read_three(const KernelCall& call, const char* name, const Dims& values, std::int64_t rank,
                std::int64_t least, Window::Three& to) {
  constexpr std::int64_t kMost = std::int64_t{1} << 30;  // so that no product overflows
  if (values.empty()) return;
  if (static_cast<std::int64_t>(values.size()) != rank) {
    call.fail(std::string(name) + " " + format_dims(values) + " must have " + std::to_string(rank) +
              " values");
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] < least || values[i] > kMost) {
      call.fail(std::string(name) + " " + format_dims(values) + " is out of range");
    }
    to[3 - values.size() + i] = values[i];
  }
}

}  // namespace

Dims Window::out_dims(std::int64_t n, std::int64_t c) const {
  Dims dims{n, c};
  dims.insert(dims.end(), out.end() - rank, out.end());
  return dims;
}

Window read_window(const KernelCall& call, const Dims& x, const Dims& kernel) {
  Window window;
  window.rank = static_cast<std::int64_t>(x.size()) - 2;
  if (window.rank < 1 || window.rank > 3) {
    call.fail("input of shape " + format_dims(x) + " must have 1 to 3 spatial dimensions");
  }
  const std::int64_t rank = window.rank;
  read_three(call, "spatial shape", Dims(x.begin() + 2, x.end()), rank, 0, window.in);
  if (kernel.empty()) call.fail("kernel_shape is missing");
  const auto& attributes = call.attributes();
  read_three(call, "kernel_shape", kernel, rank, 1, window.kernel);
  if (window.kernel[0] * window.kernel[1] > (std::int64_t{1} << 40) / window.kernel[2]) {
    call.fail("kernel_shape " + format_dims(kernel) + " is out of range");
  }
  read_three(call, "strides", attributes.get_ints("strides"), rank, 1, window.stride);
  read_three(call, "dilations", attributes.get_ints("dilations"), rank, 1, window.dilation);
  const Dims pads = attributes.get_ints("pads");
  if (pads.empty()) return window;
  if (static_cast<std::int64_t>(pads.size()) != 2 * rank) {
    call.fail("pads " + format_dims(pads) + " must have " + std::to_string(2 * rank) + " values");
  }
  const Dims begin(pads.begin(), pads.begin() + rank);
  const Dims end(pads.begin() + rank, pads.end());
  read_three(call, "pads", begin, rank, 0, window.pad_begin);
  read_three(call, "pads", end, rank, 0, window.pad_end);
  return window;
}

void resolve_window(const KernelCall& call, Window& window, bool ceil_mode) {
  const std::string mode = call.attributes().get_string("auto_pad", "NOTSET");
  const bool same = mode == "SAME_UPPER" || mode == "SAME_LOWER";
  if (!same && mode != "NOTSET" && mode != "VALID") call.fail("auto_pad " + mode + " is unknown");
  for (std::size_t d = static_cast<std::size_t>(3 - window.rank); d < 3; ++d) {
    const std::int64_t reach = (window.kernel[d] - 1) * window.dilation[d] + 1;
    const std::int64_t stride = window.stride[d];
    if (mode == "VALID") window.pad_begin[d] = window.pad_end[d] = 0;
    if (same) {
      window.out[d] = (window.in[d] + stride - 1) / stride;
      const std::int64_t pads =
          std::max<std::int64_t>(0, (window.out[d] - 1) * stride + reach - window.in[d]);
      window.pad_begin[d] = mode == "SAME_UPPER" ? pads / 2 : pads - pads / 2;
      window.pad_end[d] = pads - window.pad_begin[d];
      continue;
    }
    const std::int64_t room = window.in[d] + window.pad_begin[d] + window.pad_end[d] - reach;
    if (room < 0) {
      call.fail("kernel reach " + std::to_string(reach) + " exceeds the padded input size " +
                std::to_string(room + reach));
    }
    window.out[d] = (ceil_mode ? room + stride - 1 : room) / stride + 1;
    const bool beyond = (window.out[d] - 1) * stride >= window.in[d] + window.pad_begin[d];
    if (ceil_mode && beyond) --window.out[d];
  }
}

}  // namespace braid::reference
