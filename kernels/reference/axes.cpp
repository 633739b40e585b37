#include "kernels/reference/axes.hpp"

#include <algorithm>
#include <new>

#include "kernels/reference/convert.hpp"
#include "kernels/reference/dispatch.hpp"

namespace braid::reference {

std::string format_dims(const Dims& dims) {
  std::string text = "[";
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (i > 0) text += ',';
    text += std::to_string(dims[i]);
  }
  return text + "]";
}

std::int64_t normalise_axis(const KernelCall& call, std::int64_t axis, std::int64_t rank) {
  if (axis < -rank || axis >= rank) {
    call.fail("axis " + std::to_string(axis) + " is out of range for rank " + std::to_string(rank));
  }
  return axis < 0 ? axis + rank : axis;
}

Dims normalise_axes(const KernelCall& call, Dims axes, std::int64_t rank) {
  for (std::int64_t& axis : axes)
    axis = normalise_axis(call, axis, rank);
  std::sort(axes.begin(), axes.end());
  const auto twice = std::adjacent_find(axes.begin(), axes.end());
  if (twice != axes.end()) call.fail("axis " + std::to_string(*twice) + " is given twice");
  return axes;
}

Dims int_input(const KernelCall& call, std::size_t input) {
  const Tensor& tensor = call.input(input);
  if (tensor.dtype() != DType::Int64 && tensor.dtype() != DType::Int32) {
    call.fail("input " + std::to_string(input) + " must be int32 or int64, not " +
              std::string(dtype_name(tensor.dtype())));
  }
  return to_int64s(tensor);
}

std::int64_t int_scalar_input(const KernelCall& call, std::size_t input) {
  const Dims values = int_input(call, input);
  if (values.size() != 1) {
    call.fail("input " + std::to_string(input) + " must hold one value, not " +
              std::to_string(values.size()));
  }
  return values[0];
}

double number_input(const KernelCall& call, std::size_t input) {
  const Tensor& tensor = call.input(input);
  require_type(call, tensor.dtype(), kAll);
  if (tensor.size() != 1) call.fail("input " + std::to_string(input) + " must hold one value");
  return to_doubles(tensor)[0];
}

Dims int_parameter(const KernelCall& call, std::size_t input, std::string_view attribute) {
  if (call.has_input(input)) return int_input(call, input);
  return call.attributes().get_ints(attribute);
}

bool has_parameter(const KernelCall& call, std::size_t input, std::string_view attribute) {
  return call.has_input(input) || call.attributes().has(attribute);
}

std::int64_t product(const Dims& dims, std::int64_t first, std::int64_t last) {
  std::int64_t result = 1;
  for (std::int64_t i = first; i < last; ++i)
    result *= dims[static_cast<std::size_t>(i)];
  return result;
}

std::int64_t product(const Dims& dims) {
  return product(dims, 0, static_cast<std::int64_t>(dims.size()));
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): dims are moved on
Tensor& allocate(KernelCall& call, std::size_t output, DType dtype, Dims dims) {
  constexpr std::int64_t kMost = std::int64_t{1} << 44;
  std::int64_t size = 1;
  for (const std::int64_t dim : dims) {
    if (dim < 0) call.fail("a dimension of the output is negative: " + format_dims(dims));
    // Dimensions of 1 in place of 0, so that the others are checked too: sizes get multiplied.
    const std::int64_t factor = std::max<std::int64_t>(dim, 1);
    if (size > kMost / factor) call.fail("the output is too large: " + format_dims(dims));
    size *= factor;
  }
  try {
    return call.output(output, dtype, dims);
  } catch (const std::bad_alloc&) {
    call.fail("not enough memory for an output of " + format_dims(dims));
  }
}

Dims contiguous_strides(const Dims& dims) {
  Dims strides(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;)
    strides[i - 1] = strides[i] * dims[i];
  return strides;
}

Dims offset_table(const Dims& dims, const Dims& strides) {
  // A dimension of 0 may stand behind others too large for any table.
  if (std::find(dims.begin(), dims.end(), 0) != dims.end()) return {};
  Dims table{0};
  for (std::size_t d = 0; d < dims.size(); ++d) {
    Dims finer;
    finer.reserve(table.size() * static_cast<std::size_t>(dims[d]));
    for (const std::int64_t offset : table) {
      for (std::int64_t i = 0; i < dims[d]; ++i)
        finer.push_back(offset + i * strides[d]);
    }
    table = std::move(finer);
  }
  return table;
}

}  // namespace braid::reference
