// Every operator that the CPU binds, on random shapes, attributes and types, against the reference.

#include "backends/cpu/bind.hpp"
#include "tests/unit/backends/properties/cases.hpp"

namespace braid::properties {
namespace {

constexpr std::uint64_t kSeeds = 60;

Cases all_cases() {
  Cases cases;
  add_attention_cases(cases);
  add_elementwise_cases(cases);
  add_movement_cases(cases);
  add_normalization_cases(cases);
  add_product_cases(cases);
  add_reduction_cases(cases);
  return cases;
}

class BoundOperatorTest : public testing::TestWithParam<std::pair<std::string, std::string>> {};

// What no kernel is made for runs as the reference; that must not be all.
TEST_P(BoundOperatorTest, AgreesWithTheReference) {
  const Generator generate = all_cases().at(GetParam());
  std::uint64_t bound = 0;
  for (std::uint64_t seed = 0; seed < kSeeds && !HasFailure(); ++seed) {
    Random random(seed);
    const Sample sample = generate(random);
    const testing_support::Call& call = sample.call;
    SCOPED_TRACE("seed " + std::to_string(seed));
    const std::vector<Tensor> expected =
        !sample.expected.empty()
            ? sample.expected
            : reference::call_all(call.op, call.inputs, call.attributes, call.outputs, call.opset);
    if (!testing_support::is_bound(call, expected)) continue;
    ++bound;
    testing_support::expect_bound(call, expected, sample.tolerance);
  }
  EXPECT_GT(bound, kSeeds / 4);
}

std::vector<std::pair<std::string, std::string>> names() {
  std::vector<std::pair<std::string, std::string>> result;
  for (const auto& [name, generate] : all_cases())
    result.push_back(name);
  return result;
}

INSTANTIATE_TEST_SUITE_P(Cpu, BoundOperatorTest, testing::ValuesIn(names()), [](const auto& each) {
  return (each.param.first.empty() ? "" : "fused_") + each.param.second;
});

TEST(BoundOperatorsTest, HaveACaseEach) {
  std::vector<std::pair<std::string, std::string>> bound;
  for (const auto& [domain, name] : bound_operators())
    bound.emplace_back(domain, name);
  EXPECT_THAT(names(), testing::UnorderedElementsAreArray(bound));
}

}  // namespace
}  // namespace braid::properties
