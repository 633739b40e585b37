#include "merge/choose_forms.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"

namespace braid {
namespace {

constexpr double kReshape = kLaunch / 64;  // no bytes, and no launch where a runtime is awake

Candidate per_member(const Site& site) {
  Candidate candidate;
  candidate.rule = "per member";
  candidate.inputs.assign(site.input_count(), Form::separate());
  candidate.output = Form::separate();
  candidate.cost = kLaunch * (site.members() - 1);
  for (std::size_t i = 0; i < site.input_count(); ++i) {
    if (!site.is_constant(i)) continue;
    const int distinct = site.facts().classes[static_cast<std::size_t>(site.input(i))].count;
    candidate.cost += (site.members() - distinct) * site.bytes(site.input(i));
  }
  candidate.emit = [=](Emitter&) {};
  return candidate;
}

// Front and folded(1), second and folded(M) share their memory.
Form memory_of(const Form& form, int members) {
  if (form == Form::folded(1)) return Form::front();
  if (form == Form::folded(members)) return Form::second();
  return form;
}

class Chooser {
 public:
  Chooser(const GroupFacts& facts, bool merges_always)
      : facts_(facts), merges_always_(merges_always) {
    const Graph& graph = facts.graph();
    producer_ = producers(graph);
    readers_.resize(graph.values.size());
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      options_.push_back(options_of(n));
      chosen_.push_back(0);
      for (std::size_t i = 0; i < graph.nodes[n].inputs.size(); ++i) {
        const ValueId id = graph.nodes[n].inputs[i];
        if (id != kAbsent) readers_[static_cast<std::size_t>(id)].push_back({n, i});
      }
    }
  }

  std::vector<Candidate> run() {
    const std::size_t count = options_.size();
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
    std::vector<Candidate> result;
    for (std::size_t n = 0; n < count; ++n) {
      result.push_back(options_[n].empty() ? Candidate{} : options_[n][chosen_[n]]);
    }
    return result;
  }

 private:
  // BackMerged: at the inputs only, and without running per member where a rule applies.
  enum class Look { BackMerged, BothWays };

  struct Reader {
    std::size_t node;
    std::size_t input;
  };

  // Reshape, which leads from form to form, finds no dim for -1 beside a dim of 0.
  static bool is_empty(const Site& site) {
    const auto has_zero = [](const Shape* shape) {
      return shape != nullptr &&
             std::ranges::any_of(*shape, [](const Dim& dim) { return dim.size == 0; });
    };
    for (std::size_t i = 0; i < site.input_count(); ++i) {
      if (has_zero(site.shape(i)) && !is_structural_input(site.node(), i)) return true;
    }
    for (std::size_t i = 0; i < site.node().outputs.size(); ++i) {
      if (has_zero(site.output_shape(i))) return true;
    }
    return false;
  }

  // The member axis has a place in tensors of known rank only.
  static bool is_placeable(const Site& site, const Candidate& candidate) {
    for (std::size_t i = 0; i < std::min(site.input_count(), candidate.inputs.size()); ++i) {
      const bool is_placed = candidate.inputs[i] != Form::separate();
      if (is_placed && site.is_stacked(i) && site.rank(i) < 0) return false;
    }
    for (std::size_t i = 0; i < site.node().outputs.size(); ++i) {
      const bool is_read = site.output(i) != kAbsent;
      if (is_read && candidate.output != Form::separate() && site.output_rank(i) < 0) return false;
    }
    return true;
  }

  std::vector<Candidate> options_of(std::size_t n) const {
    const Graph& graph = facts_.graph();
    const Site site(facts_, n);
    bool is_stacked = false;
    bool is_ragged = false;
    const auto look = [&](ValueId id) {
      is_stacked = is_stacked || facts_.kind(id) == Kind::Stacked;
      is_ragged = is_ragged || (id != kAbsent && facts_.is_ragged[static_cast<std::size_t>(id)]);
    };
    for (const ValueId id : read_values(graph, graph.nodes[n]))
      look(id);
    for (const ValueId id : graph.nodes[n].outputs)
      look(id);
    if (!is_stacked) return {};
    const bool yields_sizes = facts_.kind(site.output()) != Kind::Stacked;
    if (is_ragged || (is_empty(site) && !yields_sizes)) return {per_member(site)};
    // Before opset 7, operators broadcast by attributes of their own, which rules do not know.
    constexpr std::int64_t kOldestWithRules = 7;
    std::vector<Candidate> options;
    const Rule rule = facts_.opset < kOldestWithRules ? nullptr : find_rule(graph.nodes[n]);
    if (rule != nullptr) options = rule(site);
    std::erase_if(options, [&](const Candidate& option) { return !is_placeable(site, option); });
    if (options.empty() || !merges_always_) options.push_back(per_member(site));
    return options;
  }

  double own_cost(std::size_t n, std::size_t choice) const {
    const Site site(facts_, n);
    double cost = options_[n][choice].cost;
    for (std::size_t i = 0; i < site.input_count(); ++i) {
      if (site.is_stacked(i) && !site.is_constant(i)) {
        cost += conversion(site.input(i), produced_form(site.input(i)),
                           read_form(options_[n][choice], i));
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
        if (options_[reader.node].empty()) continue;
        wanted.insert(read_form(options_[reader.node][chosen_[reader.node]], reader.input));
      }
      if (facts_.graph().is_output(id)) wanted.insert(Form::separate());
      for (const Form& form : wanted)
        cost += conversion(id, options_[n][choice].output, form);
    }
    return cost;
  }

  static Form read_form(const Candidate& candidate, std::size_t input) {
    return input < candidate.inputs.size() ? candidate.inputs[input] : candidate.output;
  }

  Form produced_form(ValueId id) const {
    const int n = producer_[static_cast<std::size_t>(id)];
    if (n < 0) return Form::separate();  // a graph input
    const auto node = static_cast<std::size_t>(n);
    return options_[node].empty() ? Form::separate() : options_[node][chosen_[node]].output;
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
    if (options_[n].empty()) return false;
    std::size_t best = chosen_[n];
    double lowest = std::numeric_limits<double>::infinity();
    const bool skips_last = look == Look::BackMerged && options_[n].size() > 1 &&
                            options_[n].back().rule == "per member";
    for (std::size_t choice = 0; choice < options_[n].size() - (skips_last ? 1 : 0); ++choice) {
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
  bool merges_always_;
  std::vector<int> producer_;
  std::vector<std::vector<Reader>> readers_;
  std::vector<std::vector<Candidate>> options_;
  std::vector<std::size_t> chosen_;
};

}  // namespace

std::vector<Candidate> choose_forms(const GroupFacts& facts, bool merges_always) {
  return Chooser(facts, merges_always).run();
}

}  // namespace braid
