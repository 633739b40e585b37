#include "kernels/reference/saturate.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/reference/convert.hpp"
#include "kernels/reference/dispatch.hpp"

namespace braid::reference {

void store_saturated(Tensor& out, std::vector<double> values) {
  const bool is_signed = family_of(out.dtype()) == kSigned;
  const int bits = dtype_bits(out.dtype());
  const double low = is_signed ? -std::ldexp(1.0, bits - 1) : 0.0;
  const double high = std::ldexp(1.0, is_signed ? bits - 1 : bits) - 1.0;
  for (double& value : values)
    value = std::isnan(value) ? 0.0 : std::clamp(value, low, high);
  store(out.dtype(), out.mutable_raw().data(), 0, 1, out.size(), values.data());
}

}  // namespace braid::reference
