#include "runtime/sequences.hpp"

#include <algorithm>
#include <map>

#include "braid/error.hpp"
#include "runtime/reference_call.hpp"

namespace braid {
namespace {

using Inputs = std::span<const Datum>;
using Function = Datum (*)(const Attributes&, Inputs);

const Datum& input(Inputs inputs, std::size_t i) {
  if (i < inputs.size() && inputs[i]) return inputs[i];
  throw Error(ErrorKind::BadInput, "input " + std::to_string(i) + " is missing");
}

bool has(Inputs inputs, std::size_t i) {
  return i < inputs.size() && inputs[i];
}

// A place in a sequence, counted from its end if negative.
std::ptrdiff_t place_of(const Datum& position, std::size_t count) {
  const auto size = static_cast<std::int64_t>(count);
  const std::int64_t given = int_of(position);
  const std::int64_t place = given < 0 ? given + size : given;
  if (place >= 0 && place < size) return place;
  throw Error(ErrorKind::BadInput, "position " + std::to_string(given) +
                                       " lies outside of a sequence of " + std::to_string(size));
}

Datum sequence_construct(const Attributes&, Inputs inputs) {
  return Datum::sequence({inputs.begin(), inputs.end()});
}

Datum sequence_empty(const Attributes&, Inputs) {
  return Datum::sequence({});
}

Datum sequence_at(const Attributes&, Inputs inputs) {
  const std::vector<Datum>& elements = input(inputs, 0).elements();
  return elements[static_cast<std::size_t>(place_of(input(inputs, 1), elements.size()))];
}

Datum sequence_length(const Attributes&, Inputs inputs) {
  const auto count = static_cast<std::int64_t>(input(inputs, 0).elements().size());
  return Tensor::of<std::int64_t>({}, {count});
}

// The new element may stand behind all others: -1 is the place before the last.
Datum sequence_insert(const Attributes&, Inputs inputs) {
  std::vector<Datum> elements = input(inputs, 0).elements();
  const bool is_behind =
      !has(inputs, 2) || int_of(inputs[2]) == static_cast<std::int64_t>(elements.size());
  const auto place = is_behind ? static_cast<std::ptrdiff_t>(elements.size())
                               : place_of(inputs[2], elements.size());
  elements.insert(elements.begin() + place, input(inputs, 1));
  return Datum::sequence(std::move(elements));
}

Datum sequence_erase(const Attributes&, Inputs inputs) {
  std::vector<Datum> elements = input(inputs, 0).elements();
  const auto last = static_cast<std::ptrdiff_t>(elements.size()) - 1;
  const auto place = has(inputs, 1) ? place_of(inputs[1], elements.size()) : last;
  if (place < 0) throw Error(ErrorKind::BadInput, "the sequence is empty");
  elements.erase(elements.begin() + place);
  return Datum::sequence(std::move(elements));
}

// Sizes of the pieces: those given, or equal ones with what is left over in the last.
std::vector<std::int64_t> piece_sizes(const Datum& split, std::int64_t size) {
  if (split.tensor().rank() > 0) return to_int64s(split.tensor());
  const std::int64_t each = int_of(split);
  if (each <= 0) throw Error(ErrorKind::BadInput, "'split' must be positive");
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(size / each), each);
  if (size % each != 0) sizes.push_back(size % each);
  return sizes;
}

Datum split_to_sequence(const Attributes& attributes, Inputs inputs) {
  const Tensor& whole = input(inputs, 0).tensor();
  const std::int64_t given = attributes.get_int("axis", 0);
  const std::int64_t axis = given < 0 ? given + whole.rank() : given;
  if (axis < 0 || axis >= whole.rank()) {
    throw Error(ErrorKind::BadInput,
                "axis " + std::to_string(given) + " does not exist in " + describe(whole));
  }
  const std::int64_t size = whole.dim(static_cast<int>(axis));
  const bool drops_axis = !has(inputs, 1) && attributes.get_int("keepdims", 1) == 0;
  const std::vector<std::int64_t> sizes =
      has(inputs, 1) ? piece_sizes(inputs[1], size)
                     : std::vector<std::int64_t>(static_cast<std::size_t>(size), 1);
  if (sizes.empty()) return Datum::sequence({});
  Attributes along;
  along.set("axis", axis);
  const auto count = static_cast<std::int64_t>(sizes.size());
  std::vector<Tensor> pieces = call_reference(
      "Split", along, {whole, Tensor::of<std::int64_t>({count}, sizes)}, sizes.size());
  for (Tensor& piece : pieces) {
    if (!drops_axis) break;
    std::vector<std::int64_t> dims = piece.dims();
    dims.erase(dims.begin() + axis);
    piece = piece.reshaped(std::move(dims));
  }
  return Datum::sequence(to_data(pieces));
}

Datum concat_from_sequence(const Attributes& attributes, Inputs inputs) {
  const std::vector<Tensor> tensors = to_tensors(input(inputs, 0).elements());
  if (tensors.empty()) throw Error(ErrorKind::BadInput, "the sequence is empty");
  const std::int64_t axis = attributes.get_int("axis", 0);
  return attributes.get_int("new_axis", 0) != 0 ? stack_along(axis, tensors)
                                                : join_along(axis, tensors);
}

Datum make_optional(const Attributes&, Inputs inputs) {
  return has(inputs, 0) ? Datum::optional(inputs[0]) : Datum::empty_optional();
}

// What is no optional stands for one that holds it.
bool is_empty(const Datum& datum) {
  return !datum || (datum.kind() == Datum::Kind::Optional && datum.elements().empty());
}

Datum optional_has_element(const Attributes&, Inputs inputs) {
  const bool has_element = !inputs.empty() && !is_empty(inputs[0]);
  Tensor result = Tensor::allocate(DType::Bool, {});
  result.mutable_data<std::uint8_t>()[0] = has_element ? 1 : 0;
  return result;
}

Datum optional_get_element(const Attributes&, Inputs inputs) {
  const Datum& given = input(inputs, 0);
  if (is_empty(given)) throw Error(ErrorKind::BadInput, "the optional is empty");
  return given.kind() == Datum::Kind::Optional ? given.elements()[0] : given;
}

Datum identity(const Attributes&, Inputs inputs) {
  return input(inputs, 0);
}

Function find_function(std::string_view op) {
  static const std::map<std::string_view, Function> table = {
      {"ConcatFromSequence", concat_from_sequence},
      {"Identity", identity},
      {"Optional", make_optional},
      {"OptionalGetElement", optional_get_element},
      {"OptionalHasElement", optional_has_element},
      {"SequenceAt", sequence_at},
      {"SequenceConstruct", sequence_construct},
      {"SequenceEmpty", sequence_empty},
      {"SequenceErase", sequence_erase},
      {"SequenceInsert", sequence_insert},
      {"SequenceLength", sequence_length},
      {"SplitToSequence", split_to_sequence},
  };
  const auto found = table.find(op);
  return found == table.end() ? nullptr : found->second;
}

class SequenceKernel final : public LooseKernel {
 public:
  SequenceKernel(Function function, const Attributes& attributes)
      : function_(function), attributes_(attributes) {}

  std::string name() const override { return "sequence"; }

  void run(std::span<const Datum> inputs, std::span<Datum> outputs) const override {
    outputs[0] = function_(attributes_, inputs);
  }

 private:
  Function function_;
  Attributes attributes_;
};

}  // namespace

bool is_sequence_operator(std::string_view op) {
  return find_function(op) != nullptr;
}

std::unique_ptr<LooseKernel> make_sequence_kernel(std::string_view op,
                                                  const Attributes& attributes) {
  const Function function = find_function(op);
  return function == nullptr ? nullptr : std::make_unique<SequenceKernel>(function, attributes);
}

}  // namespace braid
