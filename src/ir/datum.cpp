#include "braid/datum.hpp"

#include "braid/error.hpp"

namespace braid {

Datum::Datum(Tensor tensor)
    : kind_(tensor ? Kind::Tensor : Kind::Absent), tensor_(std::move(tensor)) {}

Datum::Datum(Kind kind, std::vector<Datum> elements)
    : kind_(kind), elements_(std::make_shared<const std::vector<Datum>>(std::move(elements))) {}

Datum Datum::sequence(std::vector<Datum> elements) {
  return {Kind::Sequence, std::move(elements)};
}

Datum Datum::optional(Datum content) {
  return {Kind::Optional, {std::move(content)}};
}

Datum Datum::empty_optional() {
  return {Kind::Optional, {}};
}

const Tensor& Datum::tensor() const {
  if (elements_ == nullptr) return tensor_;
  throw Error(ErrorKind::BadInput, describe(*this) + " stands where a tensor is expected");
}

const std::vector<Datum>& Datum::elements() const {
  if (elements_ != nullptr) return *elements_;
  throw Error(ErrorKind::BadInput, describe(*this) + " stands where a sequence is expected");
}

std::string describe(const Datum& datum) {
  switch (datum.kind()) {
    case Datum::Kind::Absent:
      return "nothing";
    case Datum::Kind::Tensor:
      return describe(datum.tensor());
    case Datum::Kind::Sequence:
      return "sequence of " + std::to_string(datum.elements().size());
    case Datum::Kind::Optional:
      break;
  }
  return datum.elements().empty() ? "empty optional"
                                  : "optional(" + describe(datum.elements()[0]) + ")";
}

Datum map_tensors(const Datum& datum, const std::function<Tensor(const Tensor&)>& change) {
  if (!datum) return {};
  if (datum.is_tensor()) return change(datum.tensor());
  std::vector<Datum> elements;
  for (const Datum& element : datum.elements())
    elements.push_back(map_tensors(element, change));
  if (datum.kind() == Datum::Kind::Sequence) return Datum::sequence(std::move(elements));
  return elements.empty() ? Datum::empty_optional() : Datum::optional(std::move(elements[0]));
}

std::vector<Datum> to_data(std::span<const Tensor> tensors) {
  return {tensors.begin(), tensors.end()};
}

std::vector<Tensor> to_tensors(std::span<const Datum> data) {
  std::vector<Tensor> tensors;
  for (const Datum& datum : data)
    tensors.push_back(datum.tensor());
  return tensors;
}

}  // namespace braid
