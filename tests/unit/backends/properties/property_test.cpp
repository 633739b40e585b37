// Every operator that the CPU binds, and every one that the GPU does, on random shapes, attributes
// and types, against the reference.

#include "backends/cpu/bind.hpp"
#include "backends/cuda/bind.hpp"
#include "backends/cuda/cuda_backend.hpp"
#include "backends/cuda/emulated_gpu.hpp"
#include "tests/unit/backends/properties/cases.hpp"

namespace braid::properties {
namespace {

using Name = std::pair<std::string, std::string>;
using testing_support::Machine;

constexpr std::uint64_t kSeeds = 60;

const Cases& all_cases() {
  static const Cases cases = [] {
    Cases made;
    add_attention_cases(made);
    add_elementwise_cases(made);
    add_movement_cases(made);
    add_normalization_cases(made);
    add_product_cases(made);
    add_reduction_cases(made);
    return made;
  }();
  return cases;
}

// What no kernel is made for runs as the reference; that must not be all.
void expect_as_reference(const Name& name, const Machine& machine) {
  const Generator& generate = all_cases().at(name);
  std::uint64_t bound = 0;
  for (std::uint64_t seed = 0; seed < kSeeds && !testing::Test::HasFailure(); ++seed) {
    Random random(seed);
    const Sample sample = generate(random);
    const testing_support::Call& call = sample.call;
    SCOPED_TRACE("seed " + std::to_string(seed));
    const std::vector<Tensor> expected =
        !sample.expected.empty()
            ? sample.expected
            : reference::call_all(call.op, call.inputs, call.attributes, call.outputs, call.opset);
    if (!testing_support::is_bound(call, expected, machine)) continue;
    ++bound;
    testing_support::expect_bound(call, expected, sample.tolerance, machine);
  }
  EXPECT_GT(bound, kSeeds / 4);
}

class CpuOperatorTest : public testing::TestWithParam<Name> {};

TEST_P(CpuOperatorTest, AgreesWithTheReference) {
  expect_as_reference(GetParam(), {});
}

class CudaOperatorTest : public testing::TestWithParam<Name> {};

// Of sm_61, and of sm_80, whose tensor cores take factors of 16 bits.
TEST_P(CudaOperatorTest, AgreesWithTheReference) {
  const bool is_product = GetParam().second.find("MatMul") != std::string::npos ||
                          GetParam().second.find("Conv") != std::string::npos;
  for (const int architecture : is_product ? std::vector{61, 80} : std::vector{61}) {
    EmulatedGpu gpu({.name = "emulated", .processors = 4, .architecture = architecture});
    const auto backend = make_cuda_backend("emulated", gpu);
    expect_as_reference(GetParam(), {*backend, &gpu});
  }
}

class CudaProductTest : public testing::TestWithParam<Name> {};

// Every candidate against the first one, as the tuner compares them, and the fastest against the
// reference.
TEST_P(CudaProductTest, HasCandidatesThatAgree) {
  EmulatedGpu gpu({.name = "emulated", .processors = 16, .architecture = 80});
  gpu.add_library();
  cuda::Tuner tuner(gpu, "");
  const auto backend = make_cuda_backend("emulated", gpu, Precision::Float32, &tuner);
  expect_as_reference(GetParam(), {*backend, &gpu});
  EXPECT_THAT(tuner.warnings(), testing::IsEmpty());
  EXPECT_GT(gpu.traffic().products, 0U);
}

template <class Names>
std::vector<Name> names_of(const Names& operators) {
  std::vector<Name> names;
  for (const auto& [domain, name] : operators)
    names.emplace_back(domain, name);
  return names;
}

std::string title_of(const testing::TestParamInfo<Name>& each) {
  return (each.param.first.empty() ? "" : "fused_") + each.param.second;
}

INSTANTIATE_TEST_SUITE_P(Cpu, CpuOperatorTest, testing::ValuesIn(names_of(bound_operators())),
                         title_of);
INSTANTIATE_TEST_SUITE_P(Cuda, CudaOperatorTest,
                         testing::ValuesIn(names_of(cuda::bound_operators())), title_of);

INSTANTIATE_TEST_SUITE_P(Cuda, CudaProductTest,
                         testing::Values(Name("", "MatMul"), Name("", "Conv"),
                                         Name("ai.braid", "MatMul"), Name("ai.braid", "Conv")),
                         title_of);

TEST(OperatorCasesTest, AreOfBoundOperators) {
  std::vector<Name> bound = names_of(bound_operators());
  const std::vector<Name> on_gpu = names_of(cuda::bound_operators());
  bound.insert(bound.end(), on_gpu.begin(), on_gpu.end());
  for (const auto& [name, generate] : all_cases())
    EXPECT_THAT(bound, testing::Contains(name));
}

}  // namespace
}  // namespace braid::properties
