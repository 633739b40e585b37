#include "merge/minimise_costs.hpp"

#include <limits>

#include "merge/expand_form.hpp"

namespace braid {
namespace {

class Minimiser {
 public:
  explicit Minimiser(const FormCosts& costs) : costs_(costs), chosen_(costs.size(), 0) {
    forms_ = {Form::separate(), Form::front(), Form::second()};
    for (const int blocks : costs.facts().block_counts)
      forms_.push_back(Form::folded(blocks));
  }

  // From several starts, since each leads to a low of its own.
  Assignment run() {
    Assignment best;
    double lowest = std::numeric_limits<double>::infinity();
    const auto descend_from_here = [&] {
      descend();
      const double total = costs_.total(chosen_);
      if (total >= lowest * (1 - 1e-9)) return;
      lowest = total;
      best = chosen_;
    };
    // One node alone never gains by being merged between separate neighbours.
    for (std::size_t n = 0; n < costs_.size(); ++n)
      improve(n, true);
    descend_from_here();
    for (const Form& form : forms_) {
      start_from(form);
      descend_from_here();
    }
    return best;
  }

 private:
  // All that can yields this form.
  void start_from(const Form& form) {
    for (std::size_t n = 0; n < costs_.size(); ++n) {
      const std::vector<Candidate>& candidates = costs_.candidates(n);
      for (std::size_t c = 0; c < candidates.size(); ++c) {
        if (candidates[c].output == form) chosen_[n] = c;
      }
    }
  }

  // Each step lowers the sum, so this ends; a few rounds settle real graphs.
  void descend() {
    constexpr int kMaxRounds = 12;
    for (int round = 0; round < kMaxRounds; ++round) {
      bool has_changed = expand_all();
      for (std::size_t n = costs_.size(); n-- > 0;)
        has_changed |= improve(n, false);
      for (std::size_t n = 0; n < costs_.size(); ++n)
        has_changed |= improve(n, false);
      has_changed |= improve_pairs();
      if (!has_changed) return;
    }
  }

  // A node together with one of its readers.
  bool improve_pairs() {
    bool has_changed = false;
    for (std::size_t n = 0; n < costs_.size(); ++n) {
      for (const ValueId id : costs_.facts().graph().nodes[n].outputs) {
        if (id == kAbsent) continue;
        for (const FormCosts::Reader& reader : costs_.readers(id))
          has_changed |= improve_pair(n, reader.node);
      }
    }
    return has_changed;
  }

  bool improve_pair(std::size_t n, std::size_t reader) {
    const std::size_t before[] = {chosen_[n], chosen_[reader]};
    std::size_t best[] = {before[0], before[1]};
    double lowest = pair_cost(n, reader);
    lowest -= 1e-6 * lowest;
    for (std::size_t a = 0; a < costs_.candidates(n).size(); ++a) {
      for (std::size_t b = 0; b < costs_.candidates(reader).size(); ++b) {
        chosen_[n] = a;
        chosen_[reader] = b;
        const double cost = pair_cost(n, reader);
        if (cost >= lowest) continue;
        lowest = cost;
        best[0] = a;
        best[1] = b;
      }
    }
    chosen_[n] = best[0];
    chosen_[reader] = best[1];
    return best[0] != before[0] || best[1] != before[1];
  }

  double pair_cost(std::size_t n, std::size_t reader) const {
    return costs_.local_cost({n, reader}, chosen_);
  }

  // Sets of nodes at once, which single steps would not move.
  bool expand_all() {
    bool has_changed = false;
    for (const Form& form : forms_)
      has_changed |= expand_form(costs_, form, chosen_);
    return has_changed;
  }

  // The candidate that costs least, given what the other nodes have chosen so far. At the start not
  // per member where a rule applies.
  bool improve(std::size_t n, bool starts) {
    const std::vector<Candidate>& candidates = costs_.candidates(n);
    if (candidates.empty()) return false;
    const std::size_t before = chosen_[n];
    const bool skips_last =
        starts && candidates.size() > 1 && candidates.back().rule == "per member";
    std::size_t best = before;
    double lowest = std::numeric_limits<double>::infinity();
    for (std::size_t choice = 0; choice < candidates.size() - (skips_last ? 1 : 0); ++choice) {
      chosen_[n] = choice;
      const double cost = costs_.local_cost({n}, chosen_);
      // The margin keeps equal choices from alternating.
      const double margin = choice == before ? 1e-6 * cost : 0;
      if (cost - margin < lowest) {
        lowest = cost - margin;
        best = choice;
      }
    }
    chosen_[n] = best;
    return best != before;
  }

  const FormCosts& costs_;
  std::vector<Form> forms_;
  Assignment chosen_;
};

}  // namespace

Assignment minimise_costs(const FormCosts& costs) {
  return Minimiser(costs).run();
}

}  // namespace braid
