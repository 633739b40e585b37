#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "braid/verify.hpp"

namespace braid {

/// A member's part in the comparison; its weights are not kept here.
struct Trial {
  std::vector<Tensor> inputs;
  std::vector<std::string> input_names;
  std::vector<std::int64_t> input_bounds;  // as index_bounds() tells them
  std::vector<std::string> output_names;
  std::string signature;            // members with the same accept each other's inputs
  std::optional<std::size_t> next;  // the member of the negative control
  std::vector<Tensor> outputs;      // of the member itself
  std::vector<Tensor> merged_outputs;
};

/// Seeded inputs of a member, and how its inputs and outputs are called.
Trial make_trial(const Model& model, std::uint64_t seed, const VerifyOptions& options);

/// Gives all members that read one input of the merged model the same sample: of those drawn, the
/// one whose indices all of them accept. `names`: by trial, their inputs in the merged model.
void share_samples(std::vector<Trial>& trials, const std::vector<std::vector<std::string>>& names);

/// Gives each trial the next one of the same signature, in a circle, so that all have a negative
/// control but those whose signature is theirs alone.
void choose_controls(std::vector<Trial>& trials);

}  // namespace braid
