#include "braid/error.hpp"
#include "braid/kernel.hpp"

namespace braid {

const Tensor& KernelCall::input(std::size_t i) const {
  if (!has_input(i)) fail("input " + std::to_string(i) + " is missing");
  return inputs_[i];
}

Tensor& KernelCall::output(std::size_t i, DType dtype, std::vector<std::int64_t> dims) {
  thread_local Tensor unread;
  Tensor& target = i < outputs_.size() ? outputs_[i] : unread;
  target = Tensor::allocate(dtype, std::move(dims));
  return target;
}

void KernelCall::set_output(std::size_t i, Tensor tensor) {
  if (i < outputs_.size()) outputs_[i] = std::move(tensor);
}

void KernelCall::fail(std::string_view message) const {
  throw Error(ErrorKind::BadInput, std::string(op_) + ": " + std::string(message));
}

}  // namespace braid
