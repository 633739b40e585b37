#include "restrict_members.hpp"

#include <algorithm>
#include <set>

#include "braid/error.hpp"
#include "ir/rewrite.hpp"
#include "verify/provenance.hpp"

namespace braid {
namespace {

std::string quoted(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names)
    text += (text.empty() ? "'" : ", '") + name + "'";
  return text;
}

void check_members(const Provenance& provenance, const std::vector<std::string>& members) {
  if (provenance.members.empty()) {
    throw Error(ErrorKind::BadInput,
                "it does not tell its members, of which some are to be computed; take a model "
                "that braid merge wrote");
  }
  std::vector<std::string> unknown;
  for (const std::string& name : members) {
    if (!provenance.outputs.contains(name)) unknown.push_back(name);
  }
  if (unknown.empty()) return;
  throw Error(ErrorKind::Usage, "there is no member " + quoted(unknown) + "; its members are " +
                                    quoted(provenance.members));
}

std::set<std::string> inputs_of(const Provenance& provenance,
                                const std::vector<std::string>& members) {
  std::set<std::string> names;
  for (const auto& [key, merged] : provenance.inputs) {
    if (std::find(members.begin(), members.end(), key.first) != members.end()) names.insert(merged);
  }
  return names;
}

std::set<std::string> outputs_of(const Provenance& provenance,
                                 const std::vector<std::string>& members) {
  std::set<std::string> names;
  for (const std::string& member : members) {
    const auto& own = provenance.outputs.at(member);
    names.insert(own.begin(), own.end());
  }
  return names;
}

}  // namespace

std::size_t restrict_members(Model& model, const std::vector<std::string>& members) {
  const Provenance provenance = read_provenance(model);
  check_members(provenance, members);
  Graph& graph = model.graph;
  const auto name_of = [&](ValueId id) { return graph.value(id).name; };
  const std::set<std::string> outputs = outputs_of(provenance, members);
  std::erase_if(graph.outputs, [&](ValueId id) { return !outputs.contains(name_of(id)); });
  remove_dead(graph);
  const std::set<std::string> own = inputs_of(provenance, members);
  const std::vector<int> readers = reader_counts(graph);
  std::erase_if(graph.inputs, [&](ValueId id) {
    return readers[static_cast<std::size_t>(id)] == 0 && !own.contains(name_of(id));
  });
  const auto others = std::stable_partition(graph.inputs.begin(), graph.inputs.end(),
                                            [&](ValueId id) { return own.contains(name_of(id)); });
  return static_cast<std::size_t>(std::count_if(
      graph.inputs.begin(), others, [&](ValueId id) { return !graph.value(id).is_constant(); }));
}

std::vector<MemberOutputs> outputs_by_member(const Model& model) {
  const Provenance provenance = read_provenance(model);
  std::vector<MemberOutputs> result;
  std::size_t count = 0;
  for (const std::string& member : provenance.members) {
    const auto& names = provenance.outputs.at(member);
    std::vector<std::size_t> own;
    for (std::size_t i = 0; i < model.graph.outputs.size(); ++i) {
      const std::string& name = model.graph.value(model.graph.outputs[i]).name;
      if (std::find(names.begin(), names.end(), name) != names.end()) own.push_back(i);
    }
    count += own.size();
    if (!own.empty()) result.push_back({member, std::move(own)});
  }
  const bool is_partition = count == model.graph.outputs.size();
  return is_partition ? result : std::vector<MemberOutputs>{};
}

Tensor filled_input(const Port& port, const std::vector<Port>& ports,
                    std::span<const Datum> given) {
  const auto fail = [&]() -> std::int64_t {
    throw Error(ErrorKind::BadInput, "input '" + port.name + "' " + to_string(port.type) +
                                         " is of a member that is not computed, but its size is "
                                         "needed and not known; compute all members");
  };
  const auto size_of = [&](const std::string& symbol) {
    for (std::size_t i = 0; i < ports.size() && !symbol.empty(); ++i) {
      if (!ports[i].type.is_tensor() || !ports[i].type.shape) continue;
      const Shape& shape = *ports[i].type.shape;
      for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        if (shape[axis].symbol == symbol) return given[i].tensor().dims()[axis];
      }
    }
    return fail();
  };
  if (!port.type.is_tensor() || !port.type.shape) fail();
  std::vector<std::int64_t> dims;
  for (const Dim& dim : *port.type.shape)
    dims.push_back(dim.is_known() ? dim.size : size_of(dim.symbol));
  if (port.type.dtype == DType::String) {
    std::int64_t count = 1;
    for (const std::int64_t dim : dims)
      count *= dim;
    return Tensor::strings(dims, std::vector<std::string>(static_cast<std::size_t>(count)));
  }
  return Tensor::allocate(port.type.dtype, std::move(dims));
}

void fill_inputs(Graph& graph, std::span<const Datum> tensors) {
  if (tensors.empty()) return;
  std::vector<ValueId> filled;
  for (const ValueId id : graph.inputs) {
    if (!graph.value(id).is_constant()) filled.push_back(id);
  }
  filled.erase(filled.begin(), filled.end() - static_cast<std::ptrdiff_t>(tensors.size()));
  for (std::size_t i = 0; i < filled.size(); ++i)
    set_constant(graph.value(filled[i]), tensors[i].tensor());
  std::erase_if(graph.inputs, [&](ValueId id) {
    return std::find(filled.begin(), filled.end(), id) != filled.end();
  });
  remove_dead(graph);
}

}  // namespace braid
