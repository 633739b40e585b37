#pragma once

#include <initializer_list>
#include <set>
#include <string>
#include <vector>

#include "merge/costs.hpp"
#include "merge/site.hpp"

namespace braid {

/// By node: which of its candidates is chosen.
using Assignment = std::vector<std::size_t>;

/// What a plan says of a node. An empty rule leaves the choice free. Of the candidates of the rule
/// those of the form are taken, if there are any.
struct Prescription {
  std::string rule;
  std::string form;
};

/// What choosing a candidate for every node of a group costs: the candidates' own costs, and for
/// each value the conversions from the form that it is produced in to the forms that it is read in,
/// each paid once however many readers want it.
class FormCosts {
 public:
  /// `planned` prescribes rules by node; it may be empty. Throws Error (CannotMerge) if a
  /// prescribed rule is not on offer.
  FormCosts(const GroupFacts& facts, const std::vector<Prescription>& planned);

  const GroupFacts& facts() const { return facts_; }
  std::size_t size() const { return candidates_.size(); }

  /// Empty for nodes that run once.
  const std::vector<Candidate>& candidates(std::size_t n) const { return candidates_[n]; }

  struct Reader {
    std::size_t node;
    std::size_t input;
  };

  /// Who reads a stacked value in forms of its own; empty for other values.
  const std::vector<Reader>& readers(ValueId id) const {
    return readers_[static_cast<std::size_t>(id)];
  }
  int producer(ValueId id) const { return producer_[static_cast<std::size_t>(id)]; }

  /// The form that candidate `choice` of node `n` reads its input `i` in.
  const Form& read_form(std::size_t n, std::size_t choice, std::size_t i) const;

  Form produced_form(ValueId id, const Assignment& chosen) const;

  double conversion(ValueId id, const Form& from, const Form& to) const;

  /// Of the conversions of one value.
  double value_cost(ValueId id, const Assignment& chosen) const;

  /// All that depends on the choices for a few nodes.
  double local_cost(std::initializer_list<std::size_t> nodes, const Assignment& chosen) const;

  double total(const Assignment& chosen) const;

 private:
  void prescribe(std::size_t n, const Prescription& planned);
  void find_readers();

  const GroupFacts& facts_;
  Costs costs_;
  std::vector<int> producer_;
  std::vector<std::vector<Reader>> readers_;
  std::vector<std::vector<Candidate>> candidates_;
  std::vector<std::vector<ValueId>> touched_;  // by node: stacked values that it reads or yields
};

}  // namespace braid
