#pragma once

#include <string>
#include <utility>
#include <vector>

#include "braid/merge.hpp"

namespace braid {

/// Members in canonical form, and what they were before.
struct PreparedMembers {
  std::vector<Member> members;
  std::vector<std::int64_t> node_counts;               ///< as given
  std::vector<std::vector<std::string>> input_names;   ///< as given
  std::vector<std::vector<std::string>> output_names;  ///< as given
  std::vector<std::string> file_hashes;                ///< of the model files; "" if there is none
  std::vector<std::pair<std::string, std::int64_t>> opsets;

  std::int64_t opset() const;  ///< of ai.onnx, 0 if there is none
};

/// Throws Error (BadInput) that names every member with a weight that has no data.
void check_weights(const std::vector<Member>& members);

/// Checks the members, brings them to the same operator sets and into canonical form.
/// Throws Error (Usage, BadInput, CannotMerge).
PreparedMembers prepare_members(std::vector<Member> members);

}  // namespace braid
