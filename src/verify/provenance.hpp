#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "braid/graph.hpp"
#include "braid/merge.hpp"

namespace braid {

/// What a merged model says of its making (its metadata "braid.members" and "braid.combination").
/// Of a model that says nothing, inputs are called "MEMBER/INPUT" and nothing is combined.
struct Provenance {
  std::vector<std::string> members;                                   ///< in their order
  std::map<std::pair<std::string, std::string>, std::string> inputs;  ///< by member and its input
  std::map<std::string, std::vector<std::string>> outputs;  ///< of the merged model, by member
  Combination combination = Combination::None;
  std::vector<double> weights;        ///< by member, for Combination::Weighted
  std::vector<std::string> combined;  ///< outputs of the merged model, by output of the members

  /// The input of the merged model that is this input of the member.
  std::string input(const std::string& member, const std::string& name) const;
};

/// Throws Error (BadInput) if the metadata are damaged.
Provenance read_provenance(const Model& merged);

}  // namespace braid
