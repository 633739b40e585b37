#include "passes/shape_values.hpp"

#include <algorithm>

#include "ir/rewrite.hpp"

namespace braid {
namespace {

constexpr std::int64_t kLongest = 64;  // no shape has more dims

using Elements = std::vector<ShapeElement>;

std::optional<Elements> elements_of(const Tensor& tensor) {
  if (!tensor.has_data() || tensor.rank() > 1 || tensor.size() > kLongest) return std::nullopt;
  Elements elements;
  if (tensor.dtype() == DType::Bool) {
    const Tensor whole = tensor.materialised();
    for (const std::byte byte : whole.raw())
      elements.push_back({byte == std::byte{0} ? 0 : 1, {}});
  } else if (tensor.dtype() == DType::Int64 || tensor.dtype() == DType::Int32) {
    for (const std::int64_t number : to_int64s(tensor))
      elements.push_back({number, {}});
  } else {
    return std::nullopt;
  }
  return elements;
}

// Element `i` of what is broadcast to `size` elements.
const ShapeElement& at(const Elements& elements, std::size_t i) {
  return elements.size() == 1 ? elements[0] : elements[i];
}

std::optional<std::size_t> common_size(std::initializer_list<const Elements*> all) {
  std::size_t size = 1;
  for (const Elements* elements : all) {
    if (elements->size() == 1) continue;
    if (size != 1 && elements->size() != size) return std::nullopt;
    size = elements->size();
  }
  return size;
}

// No size is negative.
ShapeElement is_equal(const ShapeElement& a, const ShapeElement& b) {
  if (!a.is_known() || !b.is_known()) return {};
  if (a == b) return {1, {}};
  if (a.number && b.number) return {0, {}};
  const bool is_negative = (a.number && *a.number < 0) || (b.number && *b.number < 0);
  return is_negative ? ShapeElement{0, {}} : ShapeElement{};
}

}  // namespace

ShapeValues::ShapeValues(const Graph& graph) : graph_(graph), elements_(graph.values.size()) {
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    if (!graph.is_input(static_cast<ValueId>(i)))
      elements_[i] = elements_of(graph.values[i].constant);
  }
  for (const Node& node : graph.nodes)
    follow(node);
}

std::optional<Elements> ShapeValues::known(ValueId id) const {
  const auto& found = elements(id);
  if (!found || !std::all_of(found->begin(), found->end(),
                             [](const ShapeElement& element) { return element.is_known(); })) {
    return std::nullopt;
  }
  return found;
}

const std::optional<Elements>& ShapeValues::elements(ValueId id) const {
  static const std::optional<Elements> nothing;
  return id == kAbsent ? nothing : elements_[static_cast<std::size_t>(id)];
}

void ShapeValues::follow(const Node& node) {
  const ValueId output = node.output(0);
  if (output == kAbsent || node.outputs.size() != 1) return;
  if (rank_of(graph_, output).value_or(2) > 1) return;
  auto found = result(node);
  if (found && static_cast<std::int64_t>(found->size()) <= kLongest)
    elements_[static_cast<std::size_t>(output)] = std::move(found);
}

std::optional<Elements> ShapeValues::result(const Node& node) const {
  if (node.is("Shape")) return shape(node);
  if (node.is("Gather")) return gather(node);
  if (node.is("Slice")) return slice(node);
  if (node.is("Concat")) return concat(node);
  if (node.is("Equal")) return equal(node);
  if (node.is("Where")) return where(node);
  const bool is_view =
      node.is("Identity") || node.is("Reshape") || node.is("Squeeze") || node.is("Unsqueeze");
  return is_view ? elements(node.input(0)) : std::nullopt;
}

std::optional<Elements> ShapeValues::shape(const Node& node) const {
  const Shape* shape = shape_of(graph_, node.input(0));
  if (shape == nullptr) return std::nullopt;
  const auto rank = static_cast<std::int64_t>(shape->size());
  const std::int64_t end = bounded_place(node.attributes.get_int("end", rank), rank);
  Elements elements;
  for (std::int64_t i = bounded_place(node.attributes.get_int("start", 0), rank); i < end; ++i) {
    const Dim& dim = (*shape)[static_cast<std::size_t>(i)];
    elements.push_back(dim.is_known() ? ShapeElement{dim.size, {}}
                                      : ShapeElement{std::nullopt, dim.symbol});
  }
  return elements;
}

std::optional<Elements> ShapeValues::gather(const Node& node) const {
  const auto& data = elements(node.input(0));
  const auto indices = constant_ints(graph_, node.input(1));
  if (!data || !indices || rank_of(graph_, node.inputs[0]) != 1) return std::nullopt;
  const auto size = static_cast<std::int64_t>(data->size());
  Elements gathered;
  for (std::int64_t index : *indices) {
    if (index < 0) index += size;
    if (index < 0 || index >= size) return std::nullopt;
    gathered.push_back((*data)[static_cast<std::size_t>(index)]);
  }
  return gathered;
}

std::optional<Elements> ShapeValues::slice(const Node& node) const {
  const auto& data = elements(node.input(0));
  const auto starts = constant_ints(graph_, node.input(1));
  const auto ends = constant_ints(graph_, node.input(2));
  if (!data || !starts || !ends || starts->size() != 1 || ends->size() != 1) return std::nullopt;
  if (node.input(4) != kAbsent &&
      constant_ints(graph_, node.inputs[4]) != std::vector<std::int64_t>{1}) {
    return std::nullopt;
  }
  const auto size = static_cast<std::int64_t>(data->size());
  const std::int64_t start = bounded_place((*starts)[0], size);
  const std::int64_t end = std::max(start, bounded_place((*ends)[0], size));
  return Elements(data->begin() + start, data->begin() + end);
}

std::optional<Elements> ShapeValues::concat(const Node& node) const {
  Elements joined;
  for (const ValueId id : node.inputs) {
    const auto& part = elements(id);
    if (!part) return std::nullopt;
    joined.insert(joined.end(), part->begin(), part->end());
  }
  return joined;
}

std::optional<Elements> ShapeValues::equal(const Node& node) const {
  const auto& a = elements(node.input(0));
  const auto& b = elements(node.input(1));
  if (!a || !b) return std::nullopt;
  const auto size = common_size({&*a, &*b});
  if (!size) return std::nullopt;
  Elements results;
  for (std::size_t i = 0; i < *size; ++i)
    results.push_back(is_equal(at(*a, i), at(*b, i)));
  return results;
}

std::optional<Elements> ShapeValues::where(const Node& node) const {
  const auto& condition = elements(node.input(0));
  const auto& a = elements(node.input(1));
  const auto& b = elements(node.input(2));
  if (!condition || !a || !b) return std::nullopt;
  const auto size = common_size({&*condition, &*a, &*b});
  if (!size) return std::nullopt;
  Elements results;
  for (std::size_t i = 0; i < *size; ++i) {
    const auto& choice = at(*condition, i).number;
    results.push_back(!choice ? ShapeElement{} : at(*choice != 0 ? *a : *b, i));
  }
  return results;
}

}  // namespace braid
