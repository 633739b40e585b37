#include "runtime/check_inputs.hpp"

#include <map>

#include "braid/error.hpp"

namespace braid {
namespace {

// The size of each symbol, and which input gave it first.
using Symbols = std::map<std::string, std::pair<std::int64_t, std::string>>;

std::string check_dims(const Port& port, const Tensor& tensor, Symbols& symbols) {
  const Shape& shape = *port.type.shape;
  if (shape.size() != tensor.dims().size()) {
    return "rank " + std::to_string(tensor.rank()) + " instead of " + std::to_string(shape.size());
  }
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const Dim& expected = shape[axis];
    const std::int64_t size = tensor.dims()[axis];
    const std::string place = "dim " + std::to_string(axis) + " is " + std::to_string(size);
    if (expected.is_known() && expected.size != size) {
      return place + " instead of " + std::to_string(expected.size);
    }
    if (expected.is_known() || expected.symbol.empty()) continue;
    const auto [entry, is_new] = symbols.try_emplace(expected.symbol, size, port.name);
    const auto& [known_size, origin] = entry->second;
    if (known_size != size) {
      return place + ", but '" + expected.symbol + "' is " + std::to_string(known_size) +
             " in input '" + origin + "'";
    }
  }
  return {};
}

// Empty if the tensor fits.
std::string check_tensor(const Port& port, const Tensor& tensor, Symbols& symbols) {
  if (!tensor.has_data()) return "no data was given";
  if (port.type.dtype != DType::Undefined && tensor.dtype() != port.type.dtype) {
    return "type " + std::string(dtype_name(tensor.dtype())) + " instead of " +
           std::string(dtype_name(port.type.dtype));
  }
  return port.type.shape ? check_dims(port, tensor, symbols) : std::string();
}

std::string check(const Port& port, const Datum& datum, Symbols& symbols);

// Elements may differ in their dims, whatever the file says of those.
std::string check_elements(const Port& port, const Datum& datum) {
  Port element{port.name, *port.type.inner};
  element.type.shape.reset();
  Symbols none;
  for (const Datum& given : datum.elements()) {
    const std::string problem = check(element, given, none);
    if (!problem.empty()) return "an element: " + problem;
  }
  return {};
}

// Empty if the datum fits. An optional may be given as what it holds.
std::string check(const Port& port, const Datum& datum, Symbols& symbols) {
  using Kind = Type::Kind;
  const Kind kind = port.type.kind;
  if (kind == Kind::Unknown && datum && !datum.is_tensor()) return {};
  if (kind == Kind::Unknown || kind == Kind::Tensor) {
    if (datum && !datum.is_tensor()) return "no tensor was given";
    return check_tensor(port, datum.tensor(), symbols);
  }
  if (kind == Kind::Optional && datum.kind() != Datum::Kind::Optional)
    return check({port.name, *port.type.inner}, datum, symbols);
  if (kind == Kind::Sequence && datum.kind() != Datum::Kind::Sequence)
    return "no sequence was given";
  return check_elements(port, datum);
}

std::string list_names(const std::vector<Port>& ports) {
  std::string text;
  for (const Port& port : ports)
    text += (text.empty() ? "'" : ", '") + port.name + "'";
  return text;
}

}  // namespace

void check_inputs(const std::vector<Port>& ports, std::span<const Datum> data) {
  if (data.size() != ports.size()) {
    throw Error(ErrorKind::BadInput, std::to_string(data.size()) +
                                         " inputs were given, but the model has " +
                                         std::to_string(ports.size()) + ": " + list_names(ports));
  }
  Symbols symbols;
  std::string problems;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const std::string problem = check(ports[i], data[i], symbols);
    if (problem.empty()) continue;
    if (!problems.empty()) problems += "\n";
    problems += "input '" + ports[i].name + "': expected " + to_string(ports[i].type) + ", given " +
                describe(data[i]) + ": " + problem;
  }
  if (!problems.empty()) throw Error(ErrorKind::BadInput, problems);
}

}  // namespace braid
