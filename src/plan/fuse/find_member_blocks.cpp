#include "plan/fuse/find_member_blocks.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "ir/rewrite.hpp"
#include "plan/fuse/image_operators.hpp"

namespace braid {
namespace {

// A block of fewer channels would leave the lanes of a vector empty.
constexpr std::int64_t kFewestChannels = 8;

// Values that must have the same blocks, found by union.
class Regions {
 public:
  explicit Regions(const Graph& graph) : graph_(graph), parents_(graph.values.size()) {
    std::iota(parents_.begin(), parents_.end(), std::size_t{0});
  }

  std::vector<std::int64_t> blocks() {
    for (const Node& node : graph_.nodes)
      visit(node);
    facts_.resize(parents_.size());
    for (const Convolution& convolution : convolutions_)
      note(convolution);
    for (const ValueId id : whole_)
      facts_[root(id)].is_whole = true;
    for (std::size_t v = 0; v < parents_.size(); ++v)
      check_channels(v);
    std::vector<std::int64_t> result(parents_.size(), 1);
    for (std::size_t v = 0; v < parents_.size(); ++v) {
      const Facts& facts = facts_[root(v)];
      if (!facts.is_whole && facts.channels >= kFewestChannels) result[v] = facts.groups;
    }
    return result;
  }

 private:
  struct Convolution {
    ValueId x = kAbsent;
    std::int64_t groups = 1;
    std::int64_t channels = 0;  // of its output, by group
  };

  struct Facts {
    std::int64_t groups = 0;    // the fewest of its convolutions; 0: none is grouped
    std::int64_t channels = 0;  // the fewest in a group of those
    bool is_whole = false;
  };

  std::size_t root(std::size_t v) {
    while (parents_[v] != v)
      v = parents_[v] = parents_[parents_[v]];
    return v;
  }
  std::size_t root(ValueId id) { return root(static_cast<std::size_t>(id)); }

  void unite(ValueId a, ValueId b) { parents_[root(a)] = root(b); }

  void visit(const Node& node) {
    if (node.is("Conv")) {
      visit_convolution(node);
    } else if (moves_window(node)) {
      unite(node.inputs[0], node.outputs[0]);
    } else if (maps_elements(node)) {
      for (const ValueId id : node.inputs) {
        if (id == kAbsent || graph_.value(id).is_constant()) continue;
        unite(id, node.outputs[0]);
      }
    }
  }

  // A wide convolution may write the blocks of members that share what it reads.
  void visit_convolution(const Node& node) {
    const std::int64_t groups = node.attributes.get_int("group", 1);
    const auto weight = known_dims(graph_, node.inputs[1]);
    if (groups == 1 || !weight) {
      whole_.push_back(node.inputs[0]);
      return;
    }
    unite(node.inputs[0], node.outputs[0]);
    convolutions_.push_back({node.inputs[0], groups, (*weight)[0] / groups});
  }

  void note(const Convolution& convolution) {
    Facts& facts = facts_[root(convolution.x)];
    const auto [fewer, more] = std::minmax(convolution.groups, facts.groups);
    if (fewer > 0 && more % fewer != 0) facts.is_whole = true;
    const bool is_first = facts.groups == 0 || convolution.groups < facts.groups;
    if (is_first || (convolution.groups == facts.groups && convolution.channels < facts.channels)) {
      facts.groups = convolution.groups;
      facts.channels = convolution.channels;
    }
  }

  void check_channels(std::size_t v) {
    Facts& facts = facts_[root(v)];
    if (facts.groups == 0 || graph_.values[v].is_constant()) return;
    const auto dims = known_dims(graph_, static_cast<ValueId>(v));
    if (!dims || dims->size() < 3 || (*dims)[1] % facts.groups != 0) facts.is_whole = true;
  }

  const Graph& graph_;
  std::vector<std::size_t> parents_;
  std::vector<Convolution> convolutions_;
  std::vector<ValueId> whole_;  // values whose channels some operator takes together
  std::vector<Facts> facts_;    // by root
};

}  // namespace

std::vector<std::int64_t> find_member_blocks(const Graph& graph) {
  return Regions(graph).blocks();
}

}  // namespace braid
