#pragma once

#include <map>
#include <string>
#include <string_view>

namespace braid {

/// Collects the operators that cannot be executed, so that one error names them all.
class MissingKernels {
 public:
  /// `operator_name` as it is shown; `reason` may be empty.
  void add(const std::string& operator_name, const std::string& reason, const std::string& node);

  /// Throws Error (Unsupported) if anything was added.
  void report(std::string_view device) const;

 private:
  struct Entry {
    int nodes = 0;
    std::string first_node;
  };
  std::map<std::pair<std::string, std::string>, Entry> entries_;  // by operator and reason
};

}  // namespace braid
