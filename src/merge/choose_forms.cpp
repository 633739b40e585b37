#include "merge/choose_forms.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "braid/error.hpp"
#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"
#include "merge/offer_candidates.hpp"

namespace braid {
namespace {

// No bytes, but a step that most runtimes take.
constexpr double kReshape = kLaunch / 4;

// Front and folded(1), second and folded(M) share their memory.
Form memory_of(const Form& form, int members) {
  if (form == Form::folded(1)) return Form::front();
  if (form == Form::folded(members)) return Form::second();
  return form;
}

class Chooser {
 public:
  Chooser(const GroupFacts& facts, const std::vector<std::string>& planned) : facts_(facts) {
    const Graph& graph = facts.graph();
    producer_ = producers(graph);
    readers_.resize(graph.values.size());
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      candidates_.push_back(offer_candidates(Site(facts, n)));
      if (!planned.empty() && !planned[n].empty()) prescribe(n, planned[n]);
      chosen_.push_back(0);
      for (std::size_t i = 0; i < graph.nodes[n].inputs.size(); ++i) {
        const ValueId id = graph.nodes[n].inputs[i];
        if (id != kAbsent) readers_[static_cast<std::size_t>(id)].push_back({n, i});
      }
    }
  }

  std::vector<Choice> run() {
    const std::size_t count = candidates_.size();
    // Starts merged: one node alone never gains by being merged between separate neighbours.
    for (std::size_t n = 0; n < count; ++n)
      improve(n, Look::BackMerged);
    // Each sweep only lowers the sum, so this ends; a few sweeps settle real graphs.
    constexpr int kMaxSweeps = 12;
    for (int sweep = 0; sweep < kMaxSweeps; ++sweep) {
      bool has_changed = false;
      for (std::size_t n = count; n-- > 0;)
        has_changed |= improve(n, Look::BothWays);
      for (std::size_t n = 0; n < count; ++n)
        has_changed |= improve(n, Look::BothWays);
      if (!has_changed) break;
    }
    std::vector<Choice> result;
    for (std::size_t n = 0; n < count; ++n)
      result.push_back(choice_of(n));
    return result;
  }

 private:
  // BackMerged: at the inputs only, and without running per member where a rule applies.
  enum class Look { BackMerged, BothWays };

  struct Reader {
    std::size_t node;
    std::size_t input;
  };

  void prescribe(std::size_t n, const std::string& rule) {
    std::vector<Candidate>& candidates = candidates_[n];
    if (candidates.empty() && rule == "once") return;
    const Node& node = facts_.graph().nodes[n];
    if (candidates.empty() || rule == "per member") {
      if (!candidates.empty()) candidates = {per_member(Site(facts_, n))};
      return;
    }
    std::string offered;
    for (const Candidate& candidate : candidates)
      offered += (offered.empty() ? "" : ", ") + candidate.rule;
    std::erase_if(candidates, [&](const Candidate& candidate) { return candidate.rule != rule; });
    if (!candidates.empty()) return;
    throw Error(ErrorKind::CannotMerge, "the plan wants node '" + node.name + "' (" + node.op_type +
                                            ") to be '" + rule +
                                            "', but it can only be: " + offered);
  }

  Choice choice_of(std::size_t n) const {
    Choice choice;
    if (candidates_[n].empty()) {
      choice.reason = "all that it reads is the same for all members";
      return choice;
    }
    choice.candidate = candidates_[n][chosen_[n]];
    for (std::size_t c = 0; c < candidates_[n].size(); ++c) {
      const Candidate& candidate = candidates_[n][c];
      choice.offers.push_back(
          {candidate.rule, to_string(candidate.output), own_cost(n, c) + readers_cost(n, c)});
    }
    choice.reason = reason_of(n, choice);
    return choice;
  }

  std::string reason_of(std::size_t n, const Choice& choice) const {
    const std::string& rule = choice.candidate.rule;
    if (rule == "stitched") return "all members have the same weights";
    if (rule == "fused") return "the members' weights differ";
    if (rule == "mixed") return "some members have the same weights";
    if (rule == "stacked") return "no weights";
    const Node& node = facts_.graph().nodes[n];
    if (find_rule(node) == nullptr) return "no rule for this operator";
    for (const ValueId id : read_values(facts_.graph(), node)) {
      if (facts_.is_ragged[static_cast<std::size_t>(id)]) {
        return "the sizes of what it reads may differ between the members";
      }
    }
    if (choice.offers.size() == 1) return "its rule does not apply here";
    const auto cost = [](const Offer& a, const Offer& b) { return a.cost < b.cost; };
    const Offer& own = choice.offers[chosen_[n]];
    const Offer& next = *std::min_element(choice.offers.begin(), choice.offers.end() - 1, cost);
    return "predicted to cost " + megabytes(own.cost) + " moved, but " + megabytes(next.cost) +
           " when " + next.rule;
  }

  static std::string megabytes(double bytes) {
    return std::to_string(std::llround(bytes / 1e6)) + " MB";
  }

  double own_cost(std::size_t n, std::size_t choice) const {
    const Site site(facts_, n);
    double cost = candidates_[n][choice].cost;
    for (std::size_t i = 0; i < site.input_count(); ++i) {
      if (site.is_stacked(i) && !site.is_constant(i)) {
        cost += conversion(site.input(i), produced_form(site.input(i)),
                           read_form(candidates_[n][choice], i));
      }
    }
    return cost;
  }

  // What the readers of the node's outputs pay; one conversion serves all that want the same form.
  double readers_cost(std::size_t n, std::size_t choice) const {
    double cost = 0;
    for (const ValueId id : facts_.graph().nodes[n].outputs) {
      if (id == kAbsent || facts_.kinds[static_cast<std::size_t>(id)] != Kind::Stacked) continue;
      std::set<Form> wanted;
      for (const Reader& reader : readers_[static_cast<std::size_t>(id)]) {
        if (candidates_[reader.node].empty()) continue;
        wanted.insert(read_form(candidates_[reader.node][chosen_[reader.node]], reader.input));
      }
      if (facts_.graph().is_output(id)) wanted.insert(facts_.border);
      for (const Form& form : wanted)
        cost += conversion(id, candidates_[n][choice].output, form);
    }
    return cost;
  }

  static Form read_form(const Candidate& candidate, std::size_t input) {
    return input < candidate.inputs.size() ? candidate.inputs[input] : candidate.output;
  }

  Form produced_form(ValueId id) const {
    const int n = producer_[static_cast<std::size_t>(id)];
    if (n < 0) return facts_.border;  // a graph input
    const auto node = static_cast<std::size_t>(n);
    return candidates_[node].empty() ? Form::separate() : candidates_[node][chosen_[node]].output;
  }

  double conversion(ValueId id, const Form& from, const Form& to) const {
    if (from == to) return 0;
    const Site site(facts_, 0);
    const double moved = kLaunch + 2.0 * facts_.members() * site.bytes(id);
    const Form a = memory_of(from, facts_.members());
    const Form b = memory_of(to, facts_.members());
    if (a == b) return kReshape;
    if (from == Form::separate() || to == Form::separate()) return moved + kReshape;
    const Shape* shape = shape_of(facts_.graph(), id);
    const bool is_batch_one = shape != nullptr && !shape->empty() && (*shape)[0].size == 1;
    if (is_batch_one && !a.is_folded() && !b.is_folded()) return kReshape;
    return moved + kReshape;
  }

  // The option that costs least, given what its neighbours have chosen so far.
  bool improve(std::size_t n, Look look) {
    if (candidates_[n].empty()) return false;
    std::size_t best = chosen_[n];
    double lowest = std::numeric_limits<double>::infinity();
    const bool skips_last = look == Look::BackMerged && candidates_[n].size() > 1 &&
                            candidates_[n].back().rule == "per member";
    for (std::size_t choice = 0; choice < candidates_[n].size() - (skips_last ? 1 : 0); ++choice) {
      const double cost =
          own_cost(n, choice) + (look == Look::BothWays ? readers_cost(n, choice) : 0);
      // The margin keeps equal choices from alternating.
      const double margin = choice == chosen_[n] ? 1e-6 * cost : 0;
      if (cost - margin < lowest) {
        lowest = cost - margin;
        best = choice;
      }
    }
    const bool has_changed = best != chosen_[n];
    chosen_[n] = best;
    return has_changed;
  }

  const GroupFacts& facts_;
  std::vector<int> producer_;
  std::vector<std::vector<Reader>> readers_;
  std::vector<std::vector<Candidate>> candidates_;
  std::vector<std::size_t> chosen_;
};

}  // namespace

std::vector<Choice> choose_forms(const GroupFacts& facts, const std::vector<std::string>& planned) {
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
