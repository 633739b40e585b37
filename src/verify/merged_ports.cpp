#include "verify/merged_ports.hpp"

#include <unordered_set>

#include "braid/error.hpp"

namespace braid {

MergedPorts::MergedPorts(const std::vector<Port>& inputs, const std::vector<Port>& outputs,
                         const Provenance& provenance, std::span<const Member> members,
                         std::span<const Trial> trials)
    : provenance_(provenance), inputs_(index_by_name(inputs)), outputs_(index_by_name(outputs)) {
  std::string problems;
  std::unordered_set<std::string> fed;
  std::unordered_set<std::string> checked(provenance.combined.begin(), provenance.combined.end());
  const auto demand = [&](const Index& index, const Member& member, const std::string& kind,
                          const std::string& name, const std::string& merged_name) {
    if (index.contains(merged_name)) return;
    problems += "\n" + kind + " '" + name + "' of member '" + member.name + "': there is no " +
                kind + " '" + merged_name + "'";
  };
  for (std::size_t i = 0; i < trials.size(); ++i) {
    for (const std::string& name : trials[i].input_names) {
      const auto known = fed.insert(provenance.input(members[i].name, name)).first;
      demand(inputs_, members[i], "input", name, *known);
    }
    for (const std::string& name : trials[i].output_names) {
      const auto known = checked.insert(members[i].name + "/" + name).first;
      demand(outputs_, members[i], "output", name, *known);
    }
  }
  for (const Port& port : inputs) {
    if (!fed.contains(port.name))
      problems += "\ninput '" + port.name + "' belongs to none of these members";
  }
  for (const Port& port : outputs) {
    if (!checked.contains(port.name))
      problems += "\noutput '" + port.name + "' belongs to none of these members";
  }
  for (const std::string& name : provenance.combined) {
    if (!outputs_.contains(name)) problems += "\nthere is no output '" + name + "'";
  }
  if (problems.empty()) return;
  throw Error(ErrorKind::BadInput,
              "it is not the merge of these members:" + problems +
                  "\ngive the files of all members, under the names by which they were merged");
}

MergedPorts::Index MergedPorts::index_by_name(const std::vector<Port>& ports) {
  Index index;
  for (std::size_t i = 0; i < ports.size(); ++i)
    index.emplace(ports[i].name, i);
  return index;
}

}  // namespace braid
