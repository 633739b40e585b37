#include "kernels/reference/broadcast.hpp"

namespace braid::reference {

Dims broadcast_dims(const KernelCall& call, const Dims& a, const Dims& b) {
  Dims dims(std::max(a.size(), b.size()));
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) {
      call.fail("shapes " + format_dims(a) + " and " + format_dims(b) + " do not broadcast");
    }
    dims[dims.size() - 1 - i] = x == 1 ? y : x;
  }
  return dims;
}

Dims broadcast_strides(const KernelCall& call, const Dims& from, const Dims& to) {
  if (from.size() > to.size()) {
    call.fail("shape " + format_dims(from) + " does not broadcast to " + format_dims(to));
  }
  const std::size_t missing = to.size() - from.size();
  const Dims contiguous = contiguous_strides(from);
  Dims strides(to.size(), 0);
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] == to[missing + i]) {
      strides[missing + i] = from[i] == 1 ? 0 : contiguous[i];
    } else if (from[i] != 1) {
      call.fail("shape " + format_dims(from) + " does not broadcast to " + format_dims(to));
    }
  }
  return strides;
}

Loop::Loop(const Dims& loop_dims, const std::vector<Dims>& operand_strides)
    : strides(operand_strides.size()) {
  for (std::size_t d = 0; d < loop_dims.size(); ++d) {
    if (loop_dims[d] == 1) continue;
    bool even = !dims.empty();
    for (std::size_t k = 0; k < strides.size() && even; ++k) {
      even = strides[k].back() == operand_strides[k][d] * loop_dims[d];
    }
    if (even) {
      dims.back() *= loop_dims[d];
    } else {
      dims.push_back(loop_dims[d]);
    }
    for (std::size_t k = 0; k < strides.size(); ++k) {
      if (even) strides[k].pop_back();
      strides[k].push_back(operand_strides[k][d]);
    }
  }
  if (!dims.empty()) return;
  dims.push_back(1);
  for (Dims& operand : strides)
    operand.push_back(0);
}

}  // namespace braid::reference
