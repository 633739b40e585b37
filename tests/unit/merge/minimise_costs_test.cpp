// The forms chosen for whole graphs against the best of all assignments, where these can be
// counted.

#include "merge/minimise_costs.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "braid/canonicalise.hpp"
#include "ir/traverse.hpp"
#include "merge/align.hpp"
#include "merge/architecture.hpp"
#include "merge/group_facts.hpp"
#include "merge/groups.hpp"

namespace braid {
namespace {

using testing_support::Architecture;
using testing_support::make_members;
using testing_support::Pattern;
using testing_support::read_architectures;

// One group of members, with all kinds known.
struct Prepared {
  Prepared(const Architecture& architecture, int count, Pattern pattern)
      : members(make_members(architecture, count, pattern, 11)) {
    std::vector<const Model*> models;
    for (Member& member : members) {
      canonicalise(member.model);
      separate_constant_uses(member.model.graph);
      models.push_back(&member.model);
    }
    groups = sort_into_groups(models);
    if (groups.size() != 1) return;
    facts = find_facts(groups[0].aligned, members[0].model.opset(), options, contents);
    for (const ValueId id : facts.graph().inputs)
      facts.kinds[static_cast<std::size_t>(id)] = Kind::Stacked;
    MemberSizes sizes;
    sizes.add_inputs(facts.graph());
    for (std::size_t n = 0; n < facts.graph().nodes.size(); ++n)
      find_kinds(facts, n, sizes);
  }

  std::vector<Member> members;
  std::vector<FoundGroup> groups;
  MergeOptions options;
  ContentIndex contents;
  GroupFacts facts;
};

double count_assignments(const FormCosts& costs) {
  double count = 1;
  for (std::size_t n = 0; n < costs.size(); ++n)
    count *= static_cast<double>(std::max<std::size_t>(1, costs.candidates(n).size()));
  return count;
}

// Counts through all assignments like an odometer.
double least_total(const FormCosts& costs) {
  Assignment chosen(costs.size(), 0);
  double least = costs.total(chosen);
  for (;;) {
    std::size_t n = 0;
    while (n < chosen.size() && ++chosen[n] >= std::max<std::size_t>(1, costs.candidates(n).size()))
      chosen[n++] = 0;
    if (n == chosen.size()) return least;
    least = std::min(least, costs.total(chosen));
  }
}

TEST(MinimiseCosts, FindsTheLeastWhereItCanBeCounted) {
  constexpr double kMost = 20'000;
  int counted = 0;
  for (const Architecture& architecture : read_architectures()) {
    for (const Pattern pattern : {Pattern::Different, Pattern::Shared, Pattern::TwoBlocks}) {
      const Prepared prepared(architecture, 4, pattern);
      if (prepared.groups.size() != 1) continue;
      const FormCosts costs(prepared.facts, {});
      if (count_assignments(costs) > kMost) continue;
      ++counted;
      const double found = costs.total(minimise_costs(costs));
      EXPECT_LE(found, least_total(costs) * (1 + 1e-9)) << architecture.title;
    }
  }
  EXPECT_GT(counted, 300);
  RecordProperty("counted", counted);
}

TEST(MinimiseCosts, LocalAndTotalCostsAgree) {
  for (const Architecture& architecture : read_architectures()) {
    const Prepared prepared(architecture, 3, Pattern::Different);
    if (prepared.groups.size() != 1) continue;
    const FormCosts costs(prepared.facts, {});
    Assignment chosen(costs.size(), 0);
    for (std::size_t n = 0; n < costs.size(); ++n) {
      if (costs.candidates(n).size() < 2) continue;
      const double total = costs.total(chosen);
      const double local = costs.local_cost({n}, chosen);
      chosen[n] = 1;
      EXPECT_NEAR(costs.total(chosen) - total, costs.local_cost({n}, chosen) - local, 1e-3 * total)
          << architecture.title;
    }
  }
}

TEST(MinimiseCosts, AConversionIsPaidOnceForAllReaders) {
  const Architecture architecture{
      "",
      "<ir_version: 8, opset_import: [\"\" : 17]>\n"
      "g (float[N,4,6,6] x, float[4,4,1,1] w0, float[4,4,1,1] w1) => (float[N,4,6,6] y) "
      "{ a = Conv(x,w0) b = Conv(x,w1) y = Add(a,b) }",
      "", false};
  const Prepared prepared(architecture, 3, Pattern::Different);
  const FormCosts costs(prepared.facts, {});
  Assignment chosen(costs.size(), 0);
  const ValueId x = prepared.facts.graph().inputs[0];
  for (std::size_t n = 0; n < costs.size(); ++n) {
    for (std::size_t c = 0; c < costs.candidates(n).size(); ++c) {
      if (costs.candidates(n)[c].output == Form::folded(3)) chosen[n] = c;
    }
  }
  EXPECT_EQ(costs.value_cost(x, chosen), costs.conversion(x, Form::separate(), Form::folded(3)));
}

}  // namespace
}  // namespace braid
