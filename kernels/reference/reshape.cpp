#include <algorithm>

#include "kernels/reference/axes.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {

void identity(KernelCall& call) {
  call.set_output(0, call.input(0));
}

void reshape(KernelCall& call) {
  const Tensor& x = call.input(0);
  Dims dims = int_parameter(call, 1, "shape");
  const bool allow_zero = call.attributes().get_int("allowzero", 0) != 0;
  const std::string change = format_dims(x.dims()) + " to " + format_dims(dims);
  std::int64_t known = 1;
  std::int64_t* unknown = nullptr;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == 0 && !allow_zero) {
      if (i >= x.dims().size()) call.fail("0 stands for no dimension: " + change);
      dims[i] = x.dims()[i];
    }
    if (dims[i] < -1 || (dims[i] == -1 && unknown != nullptr))
      call.fail("cannot reshape " + change);
    if (dims[i] == -1) {
      unknown = &dims[i];
    } else if (dims[i] > 0 && known > (std::int64_t{1} << 44) / dims[i]) {
      call.fail("cannot reshape " + change);  // before the product overflows
    } else {
      known *= dims[i];
    }
  }
  if (unknown != nullptr) {
    if (known == 0 || x.size() % known != 0) call.fail("cannot reshape " + change);
    *unknown = x.size() / known;
    known *= *unknown;
  }
  if (known != x.size()) call.fail("cannot reshape " + change);
  call.set_output(0, x.reshaped(std::move(dims)));
}

void flatten(KernelCall& call) {
  const Tensor& x = call.input(0);
  std::int64_t axis = call.attributes().get_int("axis", 1);
  if (axis < -x.rank() || axis > x.rank()) {
    call.fail("axis " + std::to_string(axis) + " is out of range for " + format_dims(x.dims()));
  }
  if (axis < 0) axis += x.rank();
  call.set_output(0, x.reshaped({product(x.dims(), 0, axis), product(x.dims(), axis, x.rank())}));
}

void squeeze(KernelCall& call) {
  const Tensor& x = call.input(0);
  const bool given = has_parameter(call, 1, "axes");
  const Dims axes = normalise_axes(call, int_parameter(call, 1, "axes"), x.rank());
  Dims dims;
  for (std::int64_t d = 0; d < x.rank(); ++d) {
    const std::int64_t dim = x.dims()[static_cast<std::size_t>(d)];
    const bool named = std::find(axes.begin(), axes.end(), d) != axes.end();
    if (named && dim != 1) {
      call.fail("axis " + std::to_string(d) + " of " + format_dims(x.dims()) + " is not 1");
    }
    if (!(given ? named : dim == 1)) dims.push_back(dim);
  }
  call.set_output(0, x.reshaped(std::move(dims)));
}

void unsqueeze(KernelCall& call) {
  const Tensor& x = call.input(0);
  if (!has_parameter(call, 1, "axes")) call.fail("axes are missing");
  Dims axes = int_parameter(call, 1, "axes");
  const auto rank = x.rank() + static_cast<std::int64_t>(axes.size());
  Dims dims = x.dims();
  for (const std::int64_t axis : normalise_axes(call, std::move(axes), rank)) {
    dims.insert(dims.begin() + axis, 1);
  }
  call.set_output(0, x.reshaped(std::move(dims)));
}

void dropout(KernelCall& call) {
  const Tensor& x = call.input(0);
  const bool training = call.has_input(2) && number_input(call, 2) != 0.0;
  const double ratio = call.has_input(1) ? number_input(call, 1) : 0.5;
  if (training && ratio != 0.0) call.fail("training is not supported");
  call.set_output(0, x);
  if (call.output_count() < 2) return;
  // Before opset 10 the mask had the type of the data, and in inference no defined content.
  Tensor& mask = call.output(1, call.opset() < 10 ? x.dtype() : DType::Bool, x.dims());
  if (mask.dtype() == DType::Bool) {
    std::fill(mask.mutable_raw().begin(), mask.mutable_raw().end(), std::byte{1});
  }
}

}  // namespace braid::reference::ops
