#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "merge/emitter.hpp"
#include "merge/share.hpp"
#include "merge/site.hpp"
#include "merge/subgraph_group.hpp"

namespace braid {

/// The subgraph that the members have at one node: a branch of If, or what Loop, Scan and
/// SequenceMap repeat. It is merged as a model is, with the values of the graphs around it as
/// further inputs. Stacked values cross its border in front, unless they are to pass separately.
class Body {
 public:
  /// Null if the members' subgraphs are of different architectures, or read other outer values.
  static std::unique_ptr<Body> find(const Site& site, const std::string& attribute);

  const Graph& graph() const { return group_->exemplar.graph; }
  std::size_t input_count() const { return group_->formal_count; }  ///< without outer values
  Kind input_kind(std::size_t i) const { return kind(graph().inputs[i]); }
  Kind output_kind(std::size_t i) const { return kind(graph().outputs[i]); }
  void set_input_kind(std::size_t i, Kind kind);

  /// If input `i` is stacked, or if any output is, there is one per member in its place.
  void separate_input(std::size_t i) { facts_.entries.erase(graph().inputs[i]); }
  void separate_outputs() { facts_.exit = Form::separate(); }

  /// Works out all kinds from those of the inputs. False if the sizes of an output may differ
  /// between the members, or the rank of a stacked one is not known: then it cannot be merged.
  bool find_kinds();

  std::size_t node_count() const { return graph().nodes.size(); }

  /// The merged subgraph. Outputs are emitted as stacked or uniform, as `kinds` wants them; a
  /// uniform one is repeated for the members where it has to be stacked.
  GraphPtr emit(Emitter& around, const std::vector<Kind>& kinds);

 private:
  Body(const Site& site, std::shared_ptr<const SubgraphGroup> group)
      : site_(site), group_(std::move(group)), facts_(group_->facts) {}

  Kind kind(ValueId id) const { return facts_.kind(id); }
  void enter_inputs(Emitter& around, MergedGraph& inside, Emitter& emitter);
  void enter_separately(ValueId id, MergedGraph& inside, Emitter& emitter);
  std::vector<ValueId> leaving(ValueId id, Kind kind, Emitter& emitter);

  Site site_;
  std::shared_ptr<const SubgraphGroup> group_;
  GroupFacts facts_;
};

/// The type of one member's value, from which a subgraph's input can be typed when it is stacked.
Type with_members_in_front(Type type, int members);

}  // namespace braid
