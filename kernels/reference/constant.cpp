#include <cstring>

#include "kernels/reference/kernels.hpp"
#include "kernels/reference/view.hpp"

namespace braid::reference::ops {

void constant(KernelCall& call) {
  for (const Attribute& attribute : call.attributes()) {
    const std::string& name = attribute.name;
    const auto& values = call.attributes();
    if (name == "value") {
      const Tensor* tensor = std::get_if<Tensor>(&attribute.value);
      if (tensor == nullptr || !tensor->has_data()) call.fail("value is not a tensor with data");
      call.set_output(0, tensor->materialised());
    } else if (name == "value_int") {
      call.set_output(0, Tensor::of<std::int64_t>({}, {values.get_int(name, 0)}));
    } else if (name == "value_float") {
      call.set_output(0, Tensor::of<float>({}, {values.get_float(name, 0.0F)}));
    } else if (name == "value_ints") {
      const Dims ints = values.get_ints(name);
      call.set_output(0, Tensor::of({static_cast<std::int64_t>(ints.size())}, ints));
    } else if (name == "value_floats") {
      const std::vector<float> floats = values.get_floats(name);
      call.set_output(0, Tensor::of({static_cast<std::int64_t>(floats.size())}, floats));
    } else if (name == "value_string") {
      call.set_output(0, Tensor::strings({}, {values.get_string(name, "")}));
    } else if (name == "value_strings") {
      const auto* strings = std::get_if<std::vector<std::string>>(&attribute.value);
      if (strings == nullptr) call.fail("value_strings are not strings");
      call.set_output(0, Tensor::strings({static_cast<std::int64_t>(strings->size())}, *strings));
    } else {
      call.fail("attribute " + name + " is not supported");
    }
    return;
  }
  call.fail("no value is given");
}

void constant_of_shape(KernelCall& call) {
  const Dims dims = int_input(call, 0);
  const Attribute* attribute = call.attributes().find("value");
  if (attribute == nullptr) {
    allocate(call, 0, DType::Float32, dims);  // zeroed
    return;
  }
  const Tensor* tensor = std::get_if<Tensor>(&attribute->value);
  if (tensor == nullptr || !tensor->has_data() || tensor->size() != 1) {
    call.fail("value must be a tensor of one element");
  }
  const std::int64_t size = element_size(call, tensor->dtype());
  Tensor& out = allocate(call, 0, tensor->dtype(), dims);
  copy_elements(size, tensor->materialised().raw().data(), 0, out.mutable_raw().data(), 1,
                out.size());
}

}  // namespace braid::reference::ops
