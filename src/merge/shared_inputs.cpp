#include "merge/shared_inputs.hpp"

#include <algorithm>

#include "braid/error.hpp"
#include "merge/unify_opsets.hpp"

namespace braid {

bool are_alike(const Type& a, const Type& b) {
  if (a.kind != b.kind || a.dtype != b.dtype) return false;
  if (!a.shape || !b.shape) return true;
  return std::equal(a.shape->begin(), a.shape->end(), b.shape->begin(), b.shape->end(),
                    [](const Dim& x, const Dim& y) {
                      return !x.is_known() || !y.is_known() || x.size == y.size;
                    });
}

ValueId SharedInputs::input_for(std::size_t member, const std::string& name, const Type& type,
                                Graph& graph) {
  if (inputs_.empty()) {
    first_ = member;
    inputs_.assign(prepared_.input_names[member].size(), kAbsent);
  }
  const auto& first_names = prepared_.input_names[first_];
  const auto& own_names = prepared_.input_names[member];
  auto at = std::find(first_names.begin(), first_names.end(), name);
  if (at == first_names.end()) {
    const auto place = std::find(own_names.begin(), own_names.end(), name) - own_names.begin();
    if (own_names.size() == first_names.size()) at = first_names.begin() + place;
  }
  const auto fail = [&](const std::string& there) {
    throw Error(ErrorKind::CannotMerge, place_of(prepared_.members[member]) + ": input '" + name +
                                            "' (" + to_string(type) + "), but " +
                                            place_of(prepared_.members[first_]) + " has " + there +
                                            "; members that share their inputs need the same ones");
  };
  if (at == first_names.end()) fail("no input of that name");
  ValueId& input = inputs_[static_cast<std::size_t>(at - first_names.begin())];
  if (input == kAbsent) {
    input = graph.add_value(*at, type);
  } else if (!are_alike(graph.value(input).type, type)) {
    fail("input '" + *at + "' (" + to_string(graph.value(input).type) + ")");
  }
  return input;
}

}  // namespace braid
