// Programs over an emulated GPU: what lies where, what is copied, and what graphs hold.

#include <gmock/gmock.h>

#include "backends/cuda/cuda_backend.hpp"
#include "backends/cuda/emulated_gpu.hpp"
#include "braid/compile.hpp"
#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "ir/rewrite.hpp"
#include "plan/fuse/fuse.hpp"
#include "plan/lower_graph.hpp"
#include "plan/specialise_shapes.hpp"
#include "support/memory_claim.hpp"

namespace braid {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A Program for an emulated GPU of its own.
class DeviceRunnerTest : public testing::Test {
 protected:
  void load(const char* text) {
    Model model = parse_model_text(text);
    const std::vector<std::int64_t> dims = *known_dims(model.graph, model.graph.inputs[0]);
    specialise_shapes(model, std::vector<Datum>{Tensor::allocate(DType::Float32, dims)});
    fuse_operators(model, *backend_, weights_);
    program_ = lower_graph(model, *backend_, weights_, Memory::Planned);
    runner_ = backend_->make_runner(program_, allocate_aligned(program_->arena_bytes));
  }

  std::vector<float> run(const std::vector<float>& x) {
    const std::vector<Datum> inputs = {Tensor::of<float>({static_cast<std::int64_t>(x.size())}, x)};
    const std::vector<Datum> outputs = runner_->run(inputs);
    const auto values = outputs[0].tensor().data<float>();
    return {values.begin(), values.end()};
  }

  std::vector<std::string> kernels() const {
    std::vector<std::string> names;
    for (const Step& step : program_->steps)
      names.push_back(step.bound ? step.bound->name() : step.loose->name());
    return names;
  }

  EmulatedGpu gpu_{{.name = "emulated", .processors = 4}};
  std::unique_ptr<const Backend> backend_ = make_cuda_backend("emulated", gpu_);
  PackedWeights weights_;
  std::shared_ptr<const Program> program_;
  std::unique_ptr<Runner> runner_;
};

TEST_F(DeviceRunnerTest, RunsWhatHasNoKernelOnTheHost) {
  load(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[3] x) => (float[3] y) <float[3] w = {1, 2, 3}> {
      a = Mul(x, w)
      b = Hardmax(a)
      y = Add(b, x)
    })");
  EXPECT_THAT(kernels(),
              ElementsAre(HasSubstr("cuda chain"), "reference", HasSubstr("cuda chain")));
  const auto& traffic = gpu_.traffic();
  for (std::size_t turn = 0; turn < 3; ++turn) {
    EXPECT_THAT(run({1, 1, 1}), ElementsAre(1, 1, 2));
    EXPECT_THAT(run({7, 0, 1}), ElementsAre(8, 0, 1));
  }
  EXPECT_EQ(traffic.launches, 6U * 2);
  EXPECT_EQ(traffic.replays, 5U * 2);  // the first run needs none
}

TEST_F(DeviceRunnerTest, KeepsWeightsOnTheDeviceOnce) {
  load(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[4] x) => (float[4] y) <float[4] w = {1, 2, 3, 4}> { a = Mul(x, w) y = Tanh(a) })");
  const std::size_t before = gpu_.traffic().uploaded;
  const std::size_t allocated = gpu_.traffic().allocated;
  EXPECT_EQ(before, 4 * sizeof(float));  // w
  const auto second = backend_->make_runner(program_, allocate_aligned(program_->arena_bytes));
  EXPECT_EQ(gpu_.traffic().uploaded, before);
  EXPECT_EQ(gpu_.traffic().allocated, 2 * allocated - 4 * sizeof(float));  // arena and flags
  run({1, 2, 3, 4});
  EXPECT_EQ(gpu_.traffic().uploaded, before + 4 * sizeof(float));
  EXPECT_EQ(gpu_.traffic().downloaded, 4 * sizeof(float) + program_->steps.size() * 4);
}

TEST_F(DeviceRunnerTest, ReportsAnIndexOutOfRangeByItsNode) {
  load(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[3] x) => (float[3] y) <float[3] w = {5, 6, 7}> {
      i = Cast<to = 7>(x)
      y = Gather(w, i)
    })");
  EXPECT_THAT(run({-3, 2, 0}), ElementsAre(5, 7, 5));
  for (int turn = 0; turn < 2; ++turn) {
    try {
      run({0, 3, 0});
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::BadInput);
      EXPECT_THAT(error.what(), HasSubstr("(Gather): an index is out of range"));
    }
    EXPECT_THAT(run({1, 1, 1}), ElementsAre(6, 6, 6));
  }
}

TEST_F(DeviceRunnerTest, PlacesPartsOfAConcatFromTheHostToo) {
  load(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[2] x) => (float[6] y) {
      a = Tanh(x)
      b = Hardmax(x)
      c = Neg(x)
      y = Concat<axis = 0>(a, b, c)
    })");
  for (int turn = 0; turn < 3; ++turn)
    EXPECT_THAT(run({0, 3}), ElementsAre(0, testing::FloatNear(0.995055F, 1e-5F), 0, 1, 0, -3));
}

}  // namespace
}  // namespace braid
