#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "braid/graph.hpp"

namespace braid {

/// One of the models to be merged.
struct Member {
  std::string name;            ///< prefix of its inputs and outputs in the merged model
  std::filesystem::path path;  ///< for messages and provenance; may be empty
  Model model;
};

/// File stems, made unique by "-2", "-3", ...: the names of the members of these files.
std::vector<std::string> member_names(const std::vector<std::filesystem::path>& paths);

/// Loads the files as members with the names of member_names().
std::vector<Member> load_members(const std::vector<std::filesystem::path>& paths);

/// How the members of a group share their weights. A weight position is one weight of the
/// architecture; its share classes are the sets of members with the bit-identical tensor there.
struct Sharing {
  std::int64_t positions = 0;         ///< weight positions of the architecture
  std::int64_t shared_positions = 0;  ///< of these: one class, all members share one tensor
  std::int64_t mixed_positions = 0;   ///< of these: fewer classes than members, but several
  std::uint64_t total_bytes = 0;      ///< weights of all members, each counted on its own
  std::uint64_t unique_bytes = 0;     ///< each distinct tensor counted once
};

/// Where two models part: the first node, walking back from the outputs, that is not alike.
struct Difference {
  std::string first;  ///< "node 'conv_17' (Conv)" of the first model
  std::string second;
  std::string cause;  ///< "attribute 'kernel_shape' is [3, 3] here and [1, 1] there"
};

/// Members of one architecture.
struct Group {
  std::vector<std::size_t> members;  ///< indices into the list given
  Sharing sharing;
  std::optional<Difference> difference;  ///< to the first group; empty for that group
};

/// Architectures that agree in part, or one that agrees with no other.
struct Kinship {
  std::vector<std::size_t> groups;   ///< indices into MemberComparison::groups
  std::vector<std::size_t> members;  ///< indices into the list given
  std::int64_t common_nodes = 0;     ///< the trunk: nodes that all architectures have in common
  std::vector<std::int64_t> nodes;   ///< by entry of `groups`: of one member, in canonical form
  Sharing sharing;
};

/// What models have in common.
struct MemberComparison {
  std::vector<Group> groups;      ///< by architecture, in the order of their first members
  std::vector<Kinship> families;  ///< which architectures merge() finds a common trunk in
};

/// Sorts models into groups of one architecture: equal structure, attributes, shapes and
/// structural constants, whatever their names, weights and opsets, and these into families, as
/// merge() does; weights may lack data. Throws Error (Usage, BadInput, CannotMerge).
MemberComparison compare_members(std::vector<Member> members);

/// One way in which an operator position could run.
struct Offer {
  std::string rule;  ///< as in SiteReport
  std::string form;  ///< of its output: "front", "folded(2)", ... ; architecture.md explains them
  double cost = 0;   ///< predicted: bytes moved beside operands and result, launches priced in
};

/// What became of one operator position of a group.
struct SiteReport {
  std::string node;  ///< name in the first member that has it
  std::string op_type;
  std::string rule;    ///< "once", "stitched", "fused", "mixed", "stacked" or "per member"
  std::string form;    ///< of its output
  std::string reason;  ///< why this rule
  std::vector<std::size_t> members;  ///< who has this position; all members of a common trunk
  std::vector<Offer> offers;         ///< what could be chosen, the chosen one included
};

/// What running a graph once takes, counted from its shapes; symbolic dims count as the sizes given
/// in MergeOptions::dims, else as 1.
struct Footprint {
  std::int64_t launches = 0;      ///< nodes that compute something: no Reshape, no Identity, ...
  std::uint64_t bytes_moved = 0;  ///< operands read and results written, weights included
  std::uint64_t weights = 0;      ///< bytes of distinct constants
  std::uint64_t activations = 0;  ///< most bytes that are needed at one time
};

/// Members that were merged with each other: one architecture, or several that agree in part.
struct GroupReport {
  Group group;
  std::vector<std::vector<std::size_t>> architectures;  ///< members by architecture
  std::int64_t nodes_before = 0;  ///< of one member, as it was given; of the one with the most
  std::int64_t nodes_after = 0;   ///< of this group in the merged model
  Footprint before;               ///< the members one after the other, canonical; weights summed up
  std::string reason;             ///< why these members and no others are in the group
  std::vector<SiteReport> sites;
};

struct MergeReport {
  std::vector<GroupReport> groups;
  std::uint64_t kept_bytes = 0;    ///< weights that the model keeps for its record only
  std::uint64_t merged_bytes = 0;  ///< weights of the merged model
  Footprint after;                 ///< of the merged model
};

struct Merged {
  Model model;
  MergeReport report;
};

/// A plan: groups and rules as a MergeReport tells them, perhaps edited.
struct MergePlan {
  struct Site {
    std::string node;
    std::string rule;  ///< empty: free choice
    std::string form;  ///< of its output; counts only where the rule can have it
  };
  struct Group {
    std::vector<std::string> members;
    std::vector<Site> sites;  ///< of the whole group, in its order, or none: free choice
  };
  std::vector<Group> groups;
};

/// What the merged model is to run on; decides what costs how much.
enum class Target {
  Gpu,
  Cpu,  ///< products whose weights differ run per member: runtimes prepack matrices only
};

/// What is computed of the members' outputs, beside them.
enum class Combination {
  None,
  Mean,
  Weighted,  ///< mean with weights
  Vote,      ///< what most members say: the index of the largest score, or the label
  Concat,    ///< side by side along the last axis
};

/// As the command line and the metadata of a merged model spell it: "none", "mean", ...
std::string to_string(Combination combination);

/// The inverse of to_string(); nothing if no combination has this name.
std::optional<Combination> find_combination(const std::string& name);

struct MergeOptions {
  /// Merge wherever a rule applies, also where running once per member is predicted to be cheaper.
  bool merges_always = false;
  Target target = Target::Gpu;
  /// One input for all members instead of one per member. They must have the same inputs.
  bool shares_inputs = false;
  Combination combination = Combination::None;
  std::vector<double> combination_weights = {};  ///< one per member, for Weighted
  /// Most members of a group; 0: no limit. Those who share most weights stay together.
  std::size_t max_group = 0;
  /// Most bytes that a group may need: weights, activations and workspace; 0: no limit.
  std::uint64_t gpu_memory = 0;
  std::map<std::string, std::int64_t> dims = {};  ///< sizes of symbolic dims, for predictions only
  std::optional<MergePlan> plan = {};
  /// Put into the model how the members' files are made of its weights (braid/record.hpp). Nothing
  /// is recorded if a member was not loaded from a file.
  bool records = true;
  /// Files that are read at once; 0: as many as there are processors. The result is the same.
  int jobs = 0;
};

/// Merges models into one whose inputs and outputs are those of the members under the prefix
/// "MEMBER/". Members of one architecture are fused and stitched, a trunk that several
/// architectures have in common as well; others stand side by side. Weights are referred to, not
/// copied: the members' files must stay until the result is saved. Throws Error (BadInput,
/// CannotMerge).
Merged merge(std::vector<Member> members, const MergeOptions& options = {});

/// Like merge(), but one model per group.
std::vector<Merged> merge_apart(std::vector<Member> members, const MergeOptions& options = {});

}  // namespace braid
