#include "runtime/reference_call.hpp"

#include "braid/error.hpp"
#include "braid/kernel.hpp"
#include "kernels/reference/kernels.hpp"
#include "support/assert.hpp"

namespace braid {
namespace {

Attributes with_axis(std::int64_t axis) {
  Attributes attributes;
  attributes.set("axis", axis);
  return attributes;
}

}  // namespace

std::vector<Tensor> call_reference(const std::string& op, const Attributes& attributes,
                                   const std::vector<Tensor>& inputs, std::size_t outputs) {
  constexpr std::int64_t kOpset = 18;
  const KernelFunction kernel = reference::find_kernel("", op);
  BRAID_ASSERT(kernel != nullptr, "the operator has a reference kernel");
  std::vector<Tensor> results(outputs);
  KernelCall call(op, kOpset, attributes, inputs, results);
  kernel(call);
  for (Tensor& result : results)
    result = result.materialised();
  return results;
}

Tensor join_along(std::int64_t axis, const std::vector<Tensor>& tensors) {
  return call_reference("Concat", with_axis(axis), tensors)[0];
}

Tensor stack_along(std::int64_t axis, std::vector<Tensor> tensors) {
  for (Tensor& tensor : tensors) {
    std::vector<std::int64_t> dims = tensor.dims();
    const std::int64_t at = axis < 0 ? axis + tensor.rank() + 1 : axis;
    if (at < 0 || at > tensor.rank()) {
      throw Error(ErrorKind::BadInput, "axis " + std::to_string(axis) +
                                           " does not exist when stacking " + describe(tensor));
    }
    dims.insert(dims.begin() + at, 1);
    tensor = tensor.reshaped(std::move(dims));
  }
  return join_along(axis, tensors);
}

Tensor take_slice(const Tensor& tensor, std::int64_t axis, std::int64_t index) {
  const Tensor at = Tensor::of<std::int64_t>({}, {index});
  return call_reference("Gather", with_axis(axis), {tensor, at})[0];
}

std::int64_t int_of(const Datum& datum) {
  const Tensor& tensor = datum.tensor();
  const bool is_int = tensor.dtype() == DType::Int64 || tensor.dtype() == DType::Int32;
  if (is_int && tensor.size() == 1) return to_int64s(tensor)[0];
  throw Error(ErrorKind::BadInput, describe(datum) + " stands where one integer is expected");
}

bool bool_of(const Datum& datum) {
  const Tensor& tensor = datum.tensor();
  if (tensor.dtype() == DType::Bool && tensor.size() == 1)
    return tensor.data<std::uint8_t>()[0] != 0;
  throw Error(ErrorKind::BadInput, describe(datum) + " stands where one bool is expected");
}

}  // namespace braid
