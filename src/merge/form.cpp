#include "merge/form.hpp"

namespace braid {

int Form::minimum_rank() const {
  switch (kind) {
    case Kind::Separate:
    case Kind::Front:
      return 0;
    case Kind::Second:
      return 1;
    case Kind::Folded:
      return blocks == 1 ? 1 : 2;
  }
  return 0;
}

bool Form::is_free(int axis, int members) const {
  if (!is_folded()) return true;
  if (axis == 0) return blocks == members;
  if (axis == 1) return blocks == 1;
  return true;
}

bool Form::is_removable(int axis) const {
  if (kind == Kind::Second) return axis >= 1;
  if (is_folded()) return axis >= (blocks == 1 ? 1 : 2);
  return true;
}

int Form::physical(int axis) const {
  if (kind == Kind::Front) return axis + 1;
  if (kind == Kind::Second) return axis == 0 ? 0 : axis + 1;
  return axis;
}

std::string to_string(const Form& form) {
  switch (form.kind) {
    case Form::Kind::Separate:
      return "separate";
    case Form::Kind::Front:
      return "front";
    case Form::Kind::Second:
      return "second";
    case Form::Kind::Folded:
      return "folded(" + std::to_string(form.blocks) + ")";
  }
  return "separate";
}

std::vector<FormDim> form_dims(const Form& form, int rank, int members) {
  std::vector<FormDim> dims;
  for (int axis = 0; axis < rank; ++axis)
    dims.push_back({1, axis});
  if (form.kind == Form::Kind::Front) dims.insert(dims.begin(), FormDim{members, -1});
  if (form.kind == Form::Kind::Second) dims.insert(dims.begin() + 1, FormDim{members, -1});
  if (form.is_folded()) {
    dims[0].factor = members / form.blocks;
    if (form.blocks > 1) dims[1].factor = form.blocks;
  }
  return dims;
}

std::optional<std::int64_t> known_size(const FormDim& dim, const Shape& logical) {
  if (dim.axis < 0) return dim.factor;
  const Dim& size = logical[static_cast<std::size_t>(dim.axis)];
  if (!size.is_known()) return std::nullopt;
  return dim.factor * size.size;
}

}  // namespace braid
