#include "verify/merged_ports.hpp"

#include <unordered_set>

#include "braid/error.hpp"

namespace braid {

MergedPorts::MergedPorts(const Program& merged, std::span<const Member> members,
                         const std::vector<Trial>& trials)
    : inputs_(index_by_name(merged.inputs())), outputs_(index_by_name(merged.outputs())) {
  std::string problems;
  std::unordered_set<std::string> fed;
  const auto demand = [&](const Index& index, const Member& member, const std::string& kind,
                          const std::string& name) {
    const std::string full_name = member.name + "/" + name;
    fed.insert(full_name);
    if (index.contains(full_name)) return;
    problems += "\n" + kind + " '" + name + "' of member '" + member.name + "': there is no " +
                kind + " '" + full_name + "'";
  };
  for (std::size_t i = 0; i < trials.size(); ++i) {
    for (const std::string& name : trials[i].input_names)
      demand(inputs_, members[i], "input", name);
    for (const std::string& name : trials[i].output_names) {
      demand(outputs_, members[i], "output", name);
    }
  }
  for (const Port& port : merged.inputs()) {
    if (fed.contains(port.name)) continue;
    problems += "\ninput '" + port.name + "' belongs to none of these members";
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
