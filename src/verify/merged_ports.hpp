#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "braid/compile.hpp"
#include "braid/merge.hpp"
#include "verify/provenance.hpp"
#include "verify/trial.hpp"

namespace braid {

/// Where the members' inputs and outputs are among those of the merged model.
class MergedPorts {
 public:
  /// Of a merged model with these inputs and outputs. Throws Error (BadInput) that lists all that
  /// the members or the merged model lack.
  MergedPorts(const std::vector<Port>& inputs, const std::vector<Port>& outputs,
              const Provenance& provenance, std::span<const Member> members,
              std::span<const Trial> trials);

  std::size_t input(const std::string& member, const std::string& name) const {
    return inputs_.at(provenance_.input(member, name));
  }
  std::size_t combined(const std::string& name) const { return outputs_.at(name); }
  std::size_t output(const std::string& member, const std::string& name) const {
    return outputs_.at(member + "/" + name);
  }

 private:
  using Index = std::unordered_map<std::string, std::size_t>;

  static Index index_by_name(const std::vector<Port>& ports);

  const Provenance& provenance_;
  Index inputs_;
  Index outputs_;
};

}  // namespace braid
