#pragma once

#include <array>
#include <cstdint>

#include "braid/kernel.hpp"
#include "kernels/reference/axes.hpp"

namespace braid::reference {

/// a / b rounded up, for positive b.
std::int64_t ceil_div(std::int64_t a, std::int64_t b);

/// The windows of a convolution or pooling, as three spatial dimensions: those that an operator of
/// fewer lacks come first, of size 1.
struct Window {
  using Three = std::array<std::int64_t, 3>;

  std::int64_t rank = 0;  ///< spatial dimensions that the operator has
  Three in = {1, 1, 1};
  Three out = {1, 1, 1};
  Three kernel = {1, 1, 1};
  Three stride = {1, 1, 1};
  Three dilation = {1, 1, 1};
  Three pad_begin = {0, 0, 0};
  Three pad_end = {0, 0, 0};

  std::int64_t in_plane() const { return in[0] * in[1] * in[2]; }
  std::int64_t out_plane() const { return out[0] * out[1] * out[2]; }
  std::int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }

  /// [n, c, out...] with the operator's own spatial dimensions.
  Dims out_dims(std::int64_t n, std::int64_t c) const;
};

/// Reads strides, dilations and pads; `in` and `kernel` come from `x` ([N, C, 1 to 3 dims]) and
/// `kernel`. Leaves `out` and automatic padding to the operator.
Window read_window(const KernelCall& call, const Dims& x, const Dims& kernel);

/// Sets `out`, and the pads if auto_pad asks for it: floor or ceiling of the division by the
/// stride; no window starts in the padding behind the end.
void resolve_window(const KernelCall& call, Window& window, bool ceil_mode);

}  // namespace braid::reference
