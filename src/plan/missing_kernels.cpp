#include "plan/missing_kernels.hpp"

#include "braid/error.hpp"

namespace braid {

void MissingKernels::add(const std::string& operator_name, const std::string& reason,
                         const std::string& node) {
  Entry& entry = entries_[{operator_name, reason}];
  if (entry.nodes++ == 0) entry.first_node = node;
}

void MissingKernels::report(std::string_view device) const {
  if (entries_.empty()) return;
  std::string text = "operators that this build cannot run on '" + std::string(device) + "': ";
  const char* separator = "";
  for (const auto& [key, entry] : entries_) {
    const auto& [operator_name, reason] = key;
    text += separator + operator_name + " (";
    if (!reason.empty()) text += reason + "; ";
    text += entry.nodes == 1 ? std::string() : std::to_string(entry.nodes) + " nodes, such as ";
    text += "'" + entry.first_node + "')";
    separator = ", ";
  }
  throw Error(ErrorKind::Unsupported, text + "; export the model without them");
}

}  // namespace braid
