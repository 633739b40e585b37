#include "merge/choose_forms.hpp"

#include <algorithm>
#include <cmath>

#include "ir/traverse.hpp"
#include "merge/minimise_costs.hpp"

namespace braid {
namespace {

class Chooser {
 public:
  Chooser(const GroupFacts& facts, const std::vector<Prescription>& planned)
      : facts_(facts), planned_(planned), costs_(facts, planned), chosen_(minimise_costs(costs_)) {}

  std::vector<Choice> run() {
    std::vector<Choice> result;
    for (std::size_t n = 0; n < costs_.size(); ++n)
      result.push_back(choice_of(n));
    return result;
  }

 private:
  Choice choice_of(std::size_t n) {
    Choice choice;
    const std::vector<Candidate>& candidates = costs_.candidates(n);
    const bool is_planned = n < planned_.size() && !planned_[n].rule.empty();
    if (candidates.empty()) {
      choice.reason = is_planned ? kAsPlanned : "all that it reads is the same for all members";
      return choice;
    }
    const std::size_t own = chosen_[n];
    choice.candidate = candidates[own];
    for (std::size_t c = 0; c < candidates.size(); ++c) {
      chosen_[n] = c;
      choice.offers.push_back(
          {candidates[c].rule, to_string(candidates[c].output), costs_.local_cost({n}, chosen_)});
    }
    chosen_[n] = own;
    choice.reason = is_planned ? kAsPlanned : reason_of(n, choice);
    return choice;
  }

  std::string reason_of(std::size_t n, const Choice& choice) const {
    const std::string& rule = choice.candidate.rule;
    if (rule == "stitched") return "all members have the same weights";
    if (rule == "fused") return "the members' weights differ";
    if (rule == "mixed") return "some members have the same weights";
    if (rule == "stacked") return "no weights";
    if (rule == "once") return "it reads sizes, which are the same for all members";
    const Node& node = facts_.graph().nodes[n];
    if (find_rule(node) == nullptr) return "no rule for this operator";
    for (const ValueId id : read_values(facts_.graph(), node)) {
      if (facts_.is_ragged[static_cast<std::size_t>(id)]) {
        return "the sizes of what it reads may differ between the members";
      }
    }
    if (choice.offers.size() == 1) return "its rule does not apply here";
    const auto cost = [](const Offer& a, const Offer& b) { return a.cost < b.cost; };
    const Offer& next = *std::min_element(choice.offers.begin(), choice.offers.end() - 1, cost);
    return "predicted to cost " + megabytes(choice.offers[chosen_[n]].cost) + " moved, but " +
           megabytes(next.cost) + " when " + next.rule;
  }

  static std::string megabytes(double bytes) {
    return std::to_string(std::llround(bytes / 1e6)) + " MB";
  }

  static constexpr const char* kAsPlanned = "as planned";

  const GroupFacts& facts_;
  const std::vector<Prescription>& planned_;
  FormCosts costs_;
  Assignment chosen_;
};

}  // namespace

std::vector<Choice> choose_forms(const GroupFacts& facts,
                                 const std::vector<Prescription>& planned) {
  return Chooser(facts, planned).run();
}

void emit_choice(Emitter& emitter, const Site& site, const Choice& choice) {
  const std::string& name = site.node().name;
  emitter.set_hint(name.empty() ? site.node().op_type : name);
  if (choice.candidate.rule.empty()) {
    emitter.copy_once(site);
  } else if (choice.candidate.rule == "per member") {
    emitter.copy_per_member(site);
  } else {
    choice.candidate.emit(emitter);
  }
}

}  // namespace braid
