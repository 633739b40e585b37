#include "braid/attribute.hpp"

#include <algorithm>

#include "braid/error.hpp"

namespace braid {
namespace {

template <class T>
T get(const Attributes& attributes, std::string_view name, T fallback) {
  const Attribute* attribute = attributes.find(name);
  if (attribute == nullptr) return fallback;
  if (const T* value = std::get_if<T>(&attribute->value)) return *value;
  throw Error(ErrorKind::BadInput,
              "attribute '" + std::string(name) + "' has another type than the operator defines");
}

}  // namespace

const Attribute* Attributes::find(std::string_view name) const {
  const auto it = std::find_if(items_.begin(), items_.end(),
                               [&](const Attribute& item) { return item.name == name; });
  return it == items_.end() ? nullptr : &*it;
}

void Attributes::set(std::string name, AttributeValue value) {
  for (Attribute& item : items_) {
    if (item.name == name) {
      item.value = std::move(value);
      item.reference.clear();
      return;
    }
  }
  items_.push_back({std::move(name), std::move(value), {}, {}});
}

void Attributes::erase(std::string_view name) {
  std::erase_if(items_, [&](const Attribute& item) { return item.name == name; });
}

std::int64_t Attributes::get_int(std::string_view name, std::int64_t fallback) const {
  return get<std::int64_t>(*this, name, fallback);
}
float Attributes::get_float(std::string_view name, float fallback) const {
  return get<float>(*this, name, fallback);
}
std::string Attributes::get_string(std::string_view name, std::string fallback) const {
  return get<std::string>(*this, name, std::move(fallback));
}
std::vector<std::int64_t> Attributes::get_ints(std::string_view name,
                                               std::vector<std::int64_t> fallback) const {
  return get<std::vector<std::int64_t>>(*this, name, std::move(fallback));
}
std::vector<float> Attributes::get_floats(std::string_view name,
                                          std::vector<float> fallback) const {
  return get<std::vector<float>>(*this, name, std::move(fallback));
}

}  // namespace braid
