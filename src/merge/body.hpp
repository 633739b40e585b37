#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "merge/emitter.hpp"
#include "merge/share.hpp"
#include "merge/site.hpp"

namespace braid {

/// The subgraph that the members have at one node: a branch of If, or what Loop, Scan and
/// SequenceMap repeat. It is merged as a model is, with the values of the graphs around it as
/// further inputs. Stacked values cross its border in front, unless they are to pass separately.
class Body {
 public:
  /// Null if the members' subgraphs are of different architectures, or read other outer values.
  static std::unique_ptr<Body> find(const Site& site, const std::string& attribute);

  const Graph& graph() const { return exemplar_.graph; }
  std::size_t input_count() const { return formal_count_; }  ///< without outer values
  Kind input_kind(std::size_t i) const { return kind(graph().inputs[i]); }
  Kind output_kind(std::size_t i) const { return kind(graph().outputs[i]); }
  void set_input_kind(std::size_t i, Kind kind);

  /// If input `i` is stacked, or if any output is, there is one per member in its place.
  void separate_input(std::size_t i) { facts_.entries.erase(graph().inputs[i]); }
  void separate_outputs() { facts_.exit = Form::separate(); }

  /// Works out all kinds from those of the inputs. False if the sizes of an output may differ
  /// between the members, or the rank of a stacked one is not known: then it cannot be merged.
  bool find_kinds();

  /// Whether the members' subgraphs are the same, weights included.
  bool is_uniform() const;

  std::size_t node_count() const { return graph().nodes.size(); }

  /// The merged subgraph. Outputs are emitted as stacked or uniform, as `kinds` wants them; a
  /// uniform one is repeated for the members where it has to be stacked.
  GraphPtr emit(Emitter& around, const std::vector<Kind>& kinds);

 private:
  explicit Body(const Site& site) : site_(site) {}

  bool add_member(const Model& member, std::size_t index);
  Kind kind(ValueId id) const { return facts_.kind(id); }
  void enter_inputs(Emitter& around, MergedGraph& inside, Emitter& emitter);
  void enter_separately(ValueId id, MergedGraph& inside, Emitter& emitter);
  std::vector<ValueId> leaving(ValueId id, Kind kind, Emitter& emitter);

  Site site_;
  Model exemplar_;  ///< the subgraph as a model; outer values are inputs behind the formal ones
  std::size_t formal_count_ = 0;
  std::vector<ValueId> outer_;  ///< of those inputs: values of the graph around
  std::vector<std::unique_ptr<Model>> members_;
  AlignedGroup aligned_;
  GroupFacts facts_;
};

/// The type of one member's value, from which a subgraph's input can be typed when it is stacked.
Type with_members_in_front(Type type, int members);

}  // namespace braid
