#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "braid/graph.hpp"
#include "plan/narrow/cut_constants.hpp"

namespace braid {

/// Outputs of a merged model.
struct MemberOutputs {
  std::string member;
  std::vector<std::size_t> outputs;
};

/// A model that computes one member's outputs from some of the inputs.
struct MemberModel {
  std::string member;
  Model model;
  std::vector<std::size_t> inputs;   ///< of the whole model, constants not counted
  std::vector<std::size_t> outputs;  ///< of the whole model
};

/// The members of a merged model, each by itself, if that is the faster way on a processor: they
/// have next to nothing in common, so that nothing is read or computed twice, and they keep all
/// threads busy. Then what one member computes stays in the cache of its thread, and threads wait
/// for each other only at the end. Else empty. All dims that can be known are known.
std::vector<MemberModel> split_members(const Model& model,
                                       const std::vector<MemberOutputs>& outputs, int threads,
                                       CutConstants& cut_constants);

}  // namespace braid
