#include <algorithm>

#include "kernels/reference/axes.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {

void shape(KernelCall& call) {
  const Dims& dims = call.input(0).dims();
  const auto rank = static_cast<std::int64_t>(dims.size());
  const auto place = [&](std::int64_t index) {
    index = std::clamp(index, -rank, rank);
    return index < 0 ? index + rank : index;
  };
  const std::int64_t start = place(call.attributes().get_int("start", 0));
  const std::int64_t end = std::max(start, place(call.attributes().get_int("end", rank)));
  call.set_output(
      0, Tensor::of<std::int64_t>({end - start}, {dims.begin() + start, dims.begin() + end}));
}

void size(KernelCall& call) {
  call.set_output(0, Tensor::of<std::int64_t>({}, {call.input(0).size()}));
}

}  // namespace braid::reference::ops
