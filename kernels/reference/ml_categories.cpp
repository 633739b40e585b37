// LabelEncoder, CategoryMapper and OneHotEncoder: one value for another, by a table.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "kernels/reference/axes.hpp"
#include "kernels/reference/convert.hpp"
#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/ml_scores.hpp"

namespace braid::reference::ops {
namespace {

// Looked up as text of the value's bytes, so that any type of key goes, also NaN.
using Table = std::map<std::string, std::size_t>;

std::string key_of(double value) {
  if (std::isnan(value)) return "nan";
  if (value == 0) value = 0;  // of either sign
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::vector<std::string> keys_of(const Tensor& tensor) {
  if (tensor.dtype() == DType::String) return tensor.string_values();
  std::vector<std::string> keys;
  for (const double value : to_doubles(tensor))
    keys.push_back(key_of(value));
  return keys;
}

// What an attribute lists, as a tensor.
Tensor listed(const KernelCall& call, const std::string& prefix) {
  const Attributes& attributes = call.attributes();
  if (const Attribute* found = attributes.find(prefix + "_tensor")) {
    if (const auto* tensor = std::get_if<Tensor>(&found->value)) return tensor->materialised();
  }
  const auto strings = string_list(call, prefix + "_strings");
  const auto ints = attributes.get_ints(prefix + "_int64s");
  const auto floats = attributes.get_floats(prefix + "_floats");
  if (!strings.empty())
    return Tensor::strings({static_cast<std::int64_t>(strings.size())}, strings);
  if (!ints.empty()) return Tensor::of(Dims{static_cast<std::int64_t>(ints.size())}, ints);
  if (!floats.empty()) return Tensor::of(Dims{static_cast<std::int64_t>(floats.size())}, floats);
  call.fail("the attribute with the " + prefix + " is missing");
}

Tensor default_of(const KernelCall& call, DType dtype) {
  const Attributes& attributes = call.attributes();
  if (const Attribute* found = attributes.find("default_tensor")) {
    if (const auto* tensor = std::get_if<Tensor>(&found->value)) return tensor->materialised();
  }
  if (dtype == DType::String)
    return Tensor::strings({}, {attributes.get_string("default_string", "_Unused")});
  if (dtype == DType::Int64)
    return Tensor::of<std::int64_t>({}, {attributes.get_int("default_int64", -1)});
  const double value = static_cast<double>(attributes.get_float("default_float", -0.0F));
  Tensor tensor = Tensor::allocate(dtype, {});
  store(dtype, tensor.mutable_raw().data(), 0, 1, 1, &value);
  return tensor;
}

// Element i is values[places[i]], or the default where the place is negative.
Tensor choose(const Tensor& values, const Tensor& fallback, const Dims& places, Dims dims) {
  if (values.dtype() == DType::String) {
    std::vector<std::string> chosen;
    for (const std::int64_t place : places) {
      chosen.push_back(place < 0 ? fallback.string_values()[0]
                                 : values.string_values()[static_cast<std::size_t>(place)]);
    }
    return Tensor::strings(std::move(dims), std::move(chosen));
  }
  Tensor out = Tensor::allocate(values.dtype(), std::move(dims));
  const auto size = static_cast<std::size_t>(dtype_bits(values.dtype())) / 8;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::byte* from = places[i] < 0
                                ? fallback.raw().data()
                                : values.raw().data() + static_cast<std::size_t>(places[i]) * size;
    std::memcpy(out.mutable_raw().data() + i * size, from, size);
  }
  return out;
}

// Where each element stands among the keys; -1 where it does not. Of equal keys the last counts.
Dims look_up(const std::vector<std::string>& keys, const std::vector<std::string>& elements) {
  Table table;
  for (std::size_t i = 0; i < keys.size(); ++i)
    table[keys[i]] = i;
  Dims places;
  for (const std::string& element : elements) {
    const auto found = table.find(element);
    places.push_back(found == table.end() ? -1 : static_cast<std::int64_t>(found->second));
  }
  return places;
}

void map_values(KernelCall& call, const Tensor& keys, const Tensor& values,
                const Tensor& fallback) {
  const Tensor& x = call.input(0);
  if (keys.size() != values.size()) call.fail("keys and values are not as many");
  if ((x.dtype() == DType::String) != (keys.dtype() == DType::String))
    call.fail("the keys have another type than the input");
  if (fallback.dtype() != values.dtype() || fallback.size() != 1)
    call.fail("the default has another type than the values");
  if (values.dtype() != DType::String) require_type(call, values.dtype(), kNumbers);
  call.set_output(0, choose(values, fallback, look_up(keys_of(keys), keys_of(x)), x.dims()));
}

}  // namespace

void label_encoder(KernelCall& call) {
  if (call.attributes().has("classes_strings")) {  // the first version
    const auto classes = string_list(call, "classes_strings");
    const auto count = static_cast<std::int64_t>(classes.size());
    const Tensor names = Tensor::strings({count}, classes);
    Dims numbers(classes.size());
    for (std::size_t i = 0; i < numbers.size(); ++i)
      numbers[i] = static_cast<std::int64_t>(i);
    const Tensor places = Tensor::of(Dims{count}, numbers);
    const bool takes_names = call.input(0).dtype() == DType::String;
    return map_values(call, takes_names ? names : places, takes_names ? places : names,
                      default_of(call, takes_names ? DType::Int64 : DType::String));
  }
  const Tensor values = listed(call, "values");
  map_values(call, listed(call, "keys"), values, default_of(call, values.dtype()));
}

void category_mapper(KernelCall& call) {
  const auto names = string_list(call, "cats_strings");
  const auto numbers = call.attributes().get_ints("cats_int64s");
  const Tensor strings = Tensor::strings({static_cast<std::int64_t>(names.size())}, names);
  const Tensor ints = Tensor::of(Dims{static_cast<std::int64_t>(numbers.size())}, numbers);
  const bool takes_names = call.input(0).dtype() == DType::String;
  map_values(call, takes_names ? strings : ints, takes_names ? ints : strings,
             default_of(call, takes_names ? DType::Int64 : DType::String));
}

void one_hot_encoder(KernelCall& call) {
  const Tensor& x = call.input(0);
  const Tensor categories = listed(call, "cats");
  if ((x.dtype() == DType::String) != (categories.dtype() == DType::String))
    call.fail("the categories have another type than the input");
  std::vector<std::string> elements;
  if (x.dtype() == DType::String) {
    elements = x.string_values();
  } else {
    require_type(call, x.dtype(), kNumbers);
    for (const double value : to_doubles(x))
      elements.push_back(key_of(std::trunc(value)));
  }
  const bool allows_others = call.attributes().get_int("zeros", 1) != 0;
  Dims dims = x.dims();
  dims.push_back(categories.size());
  Tensor& out = call.output(0, DType::Float32, dims);
  const Dims places = look_up(keys_of(categories), elements);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i] < 0 && !allows_others) call.fail("an element is no category");
    if (places[i] < 0) continue;
    out.mutable_data<float>()[i * static_cast<std::size_t>(categories.size()) +
                              static_cast<std::size_t>(places[i])] = 1;
  }
}

}  // namespace braid::reference::ops
