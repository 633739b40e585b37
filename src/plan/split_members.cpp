#include "plan/split_members.hpp"

#include <algorithm>
#include <set>

#include "ir/rewrite.hpp"
#include "ir/unshare.hpp"
#include "plan/narrow/narrow_values.hpp"

namespace braid {
namespace {

// Members that are smaller than that run in less time than threads need to share them out.
constexpr double kSmallestMember = 1 << 20;

// What may be read or computed twice, of all.
constexpr double kMostInCommon = 1.05;

// Bytes of the weights that a model reads, and elements that its nodes compute.
struct Size {
  double weights = 0;
  double elements = 0;
};

Size size_of(const Graph& graph) {
  Size size;
  std::set<ValueId> seen;
  for (const Node& node : graph.nodes) {
    for (const ValueId id : node.inputs) {
      if (id == kAbsent || !graph.value(id).is_constant() || !seen.insert(id).second) continue;
      size.weights += static_cast<double>(graph.value(id).constant.bytes());
    }
    for (const ValueId id : node.outputs) {
      if (id == kAbsent) continue;
      const auto dims = known_dims(graph, id);
      if (dims) {
        size.elements += static_cast<double>(Tensor::weightless(DType::UInt8, *dims).size());
      }
    }
  }
  return size;
}

// A recurrent layer reads its weights at each step of the sequence. Divided among the threads they
// may fit the caches; whole, in each thread, they do not.
bool has_recurrent(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) {
    return node.is("LSTM") || node.is("GRU") || node.is("RNN");
  });
}

// All threads have members to compute, nearly all of the time.
bool keeps_busy(std::size_t members, int threads) {
  const auto lanes = static_cast<std::size_t>(threads);
  return members > 1 && (members % lanes == 0 || members >= 4 * lanes);
}

MemberModel take_member(const Model& model, const MemberOutputs& own_outputs,
                        CutConstants& cut_constants) {
  MemberModel result{own_outputs.member, model, {}, own_outputs.outputs};
  Graph& graph = result.model.graph;
  unshare_subgraphs(graph);
  std::vector<ValueId> own;
  for (const std::size_t output : result.outputs)
    own.push_back(graph.outputs[output]);
  graph.outputs = own;
  remove_dead(graph);
  narrow_values(result.model, cut_constants);
  const std::vector<int> readers = reader_counts(graph);
  std::vector<ValueId> inputs;
  std::size_t index = 0;
  for (const ValueId id : graph.inputs) {
    const bool is_constant = graph.value(id).is_constant();
    if (readers[static_cast<std::size_t>(id)] > 0) {
      inputs.push_back(id);
      if (!is_constant) result.inputs.push_back(index);
    }
    if (!is_constant) ++index;
  }
  graph.inputs = std::move(inputs);
  remove_dead(graph);
  return result;
}

}  // namespace

std::vector<MemberModel> split_members(const Model& model,
                                       const std::vector<MemberOutputs>& outputs, int threads,
                                       CutConstants& cut_constants) {
  if (!keeps_busy(outputs.size(), threads) || has_recurrent(model.graph)) return {};
  const Size whole = size_of(model.graph);
  std::vector<MemberModel> members;
  Size split;
  for (const MemberOutputs& own : outputs) {
    members.push_back(take_member(model, own, cut_constants));
    const Size size = size_of(members.back().model.graph);
    if (size.weights < kSmallestMember) return {};
    split.weights += size.weights;
    split.elements += size.elements;
    const bool is_separate = split.weights <= kMostInCommon * whole.weights &&
                             split.elements <= kMostInCommon * whole.elements;
    if (!is_separate) return {};
  }
  return members;
}

}  // namespace braid
