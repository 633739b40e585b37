// What is chosen follows what is measured; what fails or is wrong is not chosen; what is known is
// not measured again.

#include "backends/cuda/choice/tuner.hpp"

#include <gmock/gmock.h>

#include "backends/cuda/cuda_backend.hpp"
#include "backends/cuda/emulated_gpu.hpp"
#include "braid/error.hpp"
#include "kernels/cuda/gemm_members.hpp"
#include "tests/unit/backends/bound_kernel.hpp"

namespace braid::cuda {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_support::Call;

/// y = a b for one matrix of 40 x 36 x 300, on an emulated device with a library.
class TunerTest : public testing::Test {
 protected:
  static constexpr int kRows = 40;
  static constexpr int kColumns = 36;
  static constexpr int kDepth = 300;

  void SetUp() override {
    std::filesystem::remove(file_);
    gpu_.add_library();
  }
  void TearDown() override { std::filesystem::remove(file_); }

  /// A tile of the product, whose result is off by a factor.
  Candidate candidate(const std::string& name, GemmTile tile, float factor = 1.0F,
                      double modelled = 1e-6) const {
    Candidate made{name, modelled, {}};
    made.plan.add_launches = [=](const BoundKernel::Operands& at, LaunchList& list) {
      GemmMembersArgs args;
      args.rows = kRows;
      args.columns = kColumns;
      args.depth = kDepth;
      args.a = {at.inputs[0], {0, 0, kDepth, 1}};
      args.b = {at.inputs[1], {0, 0, kColumns, 1}};
      args.y = at.outputs[0];
      args.y_strides = {0, 0, kColumns, 1};
      args.epilogue.scale = factor;
      list.add(launch_gemm_members(args, Element::Float, tile), args);
    };
    return made;
  }

  Candidate failing(const std::string& name) const {
    Candidate made{name, 1e-6, {}};
    made.plan.add_launches = [](const BoundKernel::Operands& at, LaunchList&) {
      if (at.inputs[0] != nullptr) throw Error(ErrorKind::Device, "it is too warm");
    };
    return made;
  }

  Choice choose(Tuner& tuner, const std::vector<Candidate>& candidates,
                const std::string& key = "layer") const {
    return tuner.choose(op_, {key, 1e-4}, candidates);
  }

  EmulatedGpu gpu_{{.name = "emulated", .processors = 4, .architecture = 80}};
  std::filesystem::path file_ =
      std::filesystem::path(testing::TempDir()) /
      (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".json");
  Attributes attributes_;
  Operator op_{"",
               "MatMul",
               13,
               attributes_,
               {{DType::Float32, {kRows, kDepth}}, {DType::Float32, {kDepth, kColumns}}},
               {{DType::Float32, {kRows, kColumns}}}};
};

TEST_F(TunerTest, TakesTheFastest) {
  Tuner tuner(gpu_, file_);
  const std::vector<Candidate> candidates = {candidate("medium", GemmTile::Medium),
                                             candidate("small", GemmTile::Small),
                                             candidate("small again", GemmTile::Small)};
  gpu_.set_price([](const Launch& launch) {
    return std::string(launch.kernel).find("small") != std::string::npos ? 3000U : 7000U;
  });
  const Choice choice = choose(tuner, candidates);
  EXPECT_EQ(choice.index, 1U);
  EXPECT_EQ(choice.reason, "small: measured 3.0 us, best of 3");
  gpu_.set_price([](const Launch& launch) {
    return std::string(launch.kernel).find("small") != std::string::npos ? 9000U : 7000U;
  });
  EXPECT_EQ(choose(tuner, candidates, "other layer").reason, "medium: measured 7.0 us, best of 3");
  EXPECT_THAT(tuner.warnings(), IsEmpty());
}

TEST_F(TunerTest, MeasuresWhatIsKnownNeverAgain) {
  const std::vector<Candidate> candidates = {candidate("medium", GemmTile::Medium),
                                             candidate("small", GemmTile::Small)};
  Tuner first(gpu_, file_);
  const Choice choice = choose(first, candidates);
  const std::size_t launches = gpu_.traffic().launches;
  EXPECT_GT(launches, 0U);
  EXPECT_EQ(choose(first, candidates).reason, choice.reason);
  Tuner second(gpu_, file_);
  EXPECT_EQ(choose(second, candidates).reason, choice.reason);
  EXPECT_EQ(gpu_.traffic().launches, launches);
  choose(second, candidates, "other layer");
  EXPECT_GT(gpu_.traffic().launches, launches);
  // Of another device, or of another driver, nothing is known.
  EmulatedGpu other({.name = "emulated", .processors = 4, .architecture = 80, .software = "newer"});
  Tuner third(other, file_);
  choose(third, candidates);
  EXPECT_GT(other.traffic().launches, 0U);
  // A kernel that there is no more is none to choose.
  const Choice renamed = choose(second, {candidate("new", GemmTile::Small)});
  EXPECT_THAT(renamed.reason, HasSubstr("new: measured"));
}

TEST_F(TunerTest, LeavesOutWhatIsWrongOrFails) {
  Tuner tuner(gpu_, file_);
  gpu_.set_price([](const Launch& launch) {
    return std::string(launch.kernel).find("small") != std::string::npos ? 1U : 5000U;
  });
  const Choice choice = choose(
      tuner, {candidate("right", GemmTile::Medium), candidate("wrong", GemmTile::Small, 1.5F),
              failing("failing"), candidate("nearly", GemmTile::Small, 1.001F)});
  EXPECT_EQ(choice.reason, "right: measured 5.0 us, best of 1");
  EXPECT_THAT(tuner.warnings(), ElementsAre(HasSubstr("wrong is wrong for layer: off by"),
                                            HasSubstr("failing fails for layer: it is too warm"),
                                            HasSubstr("nearly is wrong for layer")));
}

TEST_F(TunerTest, LeavesOutWhatIsModelledFarTooSlow) {
  Tuner tuner(gpu_, file_);
  gpu_.set_price([](const Launch&) { return 1000U; });
  const Choice choice = choose(tuner, {candidate("slow", GemmTile::Medium, 1.0F, 1e-5),
                                       candidate("good", GemmTile::Medium, 1.0F, 1e-6)});
  EXPECT_EQ(choice.reason, "good: measured 1.0 us, best of 1");
}

TEST_F(TunerTest, ModelsWhereItCannotMeasure) {
  Tuner tuner(gpu_, file_);
  const Choice choice = choose(tuner, {failing("failing"), candidate("good", GemmTile::Small)});
  EXPECT_EQ(choice.reason, "failing: modelled 1.0 us, best of 2");
  EXPECT_THAT(tuner.warnings(), ElementsAre(HasSubstr("nothing is measured for layer")));
}

// Through the backend: the operator's own candidates, the library's among them.
TEST_F(TunerTest, ChoosesForTheOperatorsThatAreBound) {
  Call call{.op = "MatMul"};
  call.inputs = {Tensor(), reference::noise({2, 300, 36}, DType::Float32, 2.0)};
  Tuner tuner(gpu_, file_);
  const auto tuned = make_cuda_backend("emulated", gpu_, Precision::Float32, &tuner);
  const auto modelled = make_cuda_backend("emulated", gpu_);
  for (const bool has_fast_library : {true, false}) {
    SCOPED_TRACE(has_fast_library);
    call.inputs[0] = reference::noise({2, has_fast_library ? 40 : 41, 300});
    const std::vector<Tensor> wanted =
        reference::call_all(call.op, call.inputs, call.attributes, 1, call.opset);
    gpu_.set_price([=](const Launch&) { return has_fast_library ? 1U << 20 : 1U; });
    PackedWeights weights;
    const auto kernel = testing_support::bind(call, wanted, weights, {*tuned, &gpu_});
    ASSERT_NE(kernel, nullptr);
    EXPECT_EQ(kernel->name() == "cuda library", has_fast_library) << kernel->name();
    EXPECT_THAT(kernel->choice(), HasSubstr(": measured "));
    testing_support::expect_bound(call, wanted, 1e-4, {*tuned, &gpu_});
    EXPECT_THAT(testing_support::bind(call, wanted, weights, {*modelled, &gpu_})->choice(),
                HasSubstr(": modelled "));
  }
  EXPECT_THAT(tuned->warnings(), IsEmpty());
}

}  // namespace
}  // namespace braid::cuda
