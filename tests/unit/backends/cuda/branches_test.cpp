// Independent steps in streams: right in every order that the device may do them in, and wrong as
// soon as one waits for too little.

#include <gmock/gmock.h>

#include "backends/cuda/cuda_backend.hpp"
#include "backends/cuda/emulated_gpu.hpp"
#include "braid/compile.hpp"
#include "plan/fuse/fuse.hpp"
#include "plan/lower_graph.hpp"
#include "plan/specialise_shapes.hpp"
#include "support/memory_claim.hpp"
#include "support/model_with_weights.hpp"

namespace braid {
namespace {

using Order = EmulatedGpu::Order;

// Three chains of different lengths, which meet in a sum.
constexpr const char* kChains = R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[2,32] x, float[32,32] w0, float[32,32] w1, float[32,32] w2, float[32,32] w3,
       float[32,32] w4, float[32,32] w5) => (float[2,32] y, float[2,32] z) {
      a0 = MatMul(x, w0)
      a1 = MatMul(a0, w1)
      a2 = Softmax(a1)
      b0 = MatMul(x, w2)
      b1 = Softmax(b0)
      b2 = MatMul(b1, w3)
      b3 = MatMul(b2, w4)
      c0 = Softmax(x)
      z = MatMul(c0, w5)
      s0 = Add(a2, b3)
      y = Mul(s0, z)
    })";

/// A device with more processors than any of these steps keeps busy.
class Branches {
 public:
  explicit Branches(Order order, std::uint32_t seed = 1)
      : gpu_({.name = "emulated", .processors = 64}, order, seed) {
    Model model = model_with_weights(kChains);
    specialise_shapes(model, std::vector<Datum>{varied_floats({2, 32}, 0)});
    fuse_operators(model, *backend_, weights_);
    program_ = lower_graph(model, *backend_, weights_, Memory::Planned);
  }

  Program& program() { return const_cast<Program&>(*program_); }
  const GpuTraffic& traffic() const { return gpu_.traffic(); }

  /// The first run launches one by one, the others replay a graph.
  std::vector<std::vector<Datum>> run(int times) {
    const auto runner = backend_->make_runner(program_, allocate_aligned(program_->arena_bytes));
    std::vector<std::vector<Datum>> results;
    for (int t = 0; t < times; ++t) {
      const std::vector<Datum> inputs = {varied_floats({2, 32}, t)};
      results.push_back(runner->run(inputs));
    }
    return results;
  }

 private:
  EmulatedGpu gpu_;
  std::unique_ptr<const Backend> backend_ = make_cuda_backend("emulated", gpu_);
  PackedWeights weights_;
  std::shared_ptr<const Program> program_;
};

std::vector<std::vector<Datum>> expected(int times) {
  const Executable reference = compile(model_with_weights(kChains), {Device::Reference});
  std::vector<std::vector<Datum>> results;
  for (int t = 0; t < times; ++t) {
    const std::vector<Datum> inputs = {varied_floats({2, 32}, t)};
    results.push_back(reference.run(inputs));
  }
  return results;
}

bool are_close(const std::vector<std::vector<Datum>>& found,
               const std::vector<std::vector<Datum>>& wanted) {
  for (std::size_t t = 0; t < wanted.size(); ++t) {
    for (std::size_t i = 0; i < wanted[t].size(); ++i) {
      const auto a = found[t][i].tensor().data<float>();
      const auto b = wanted[t][i].tensor().data<float>();
      for (std::size_t e = 0; e < b.size(); ++e) {
        if (!(std::abs(a[e] - b[e]) <= 1e-5F * (1 + std::abs(b[e])))) return false;
      }
    }
  }
  return true;
}

TEST(BranchesTest, AreRightInEveryOrder) {
  const auto wanted = expected(3);
  EXPECT_FALSE(are_close({wanted[0]}, {wanted[1]})) << "the inputs do not tell runs apart";
  for (std::uint32_t seed = 1; seed <= 8; ++seed) {
    Branches shuffled(Order::Shuffled, seed);
    EXPECT_EQ(shuffled.program().streams, 3U);
    EXPECT_TRUE(are_close(shuffled.run(3), wanted)) << seed;
    EXPECT_EQ(shuffled.traffic().replays, 2U);
  }
  for (const Order order : {Order::Issued, Order::Reversed}) {
    Branches branches(order);
    EXPECT_TRUE(are_close(branches.run(3), wanted));
  }
}

TEST(BranchesTest, AreWrongWithoutAnyOneOfTheirDependencies) {
  const auto wanted = expected(3);
  std::size_t removed = 0;
  const std::size_t steps = Branches(Order::Issued).program().steps.size();
  for (std::size_t s = 0; s < steps; ++s) {
    const std::size_t waits = Branches(Order::Issued).program().steps[s].waits.size();
    for (std::size_t w = 0; w < waits; ++w, ++removed) {
      bool is_wrong = false;
      for (std::uint32_t seed = 1; seed <= 100 && !is_wrong; ++seed) {
        Branches broken(Order::Shuffled, seed);
        std::vector<std::size_t>& list = broken.program().steps[s].waits;
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(w));
        is_wrong = !are_close(broken.run(3), wanted);
      }
      EXPECT_TRUE(is_wrong) << "step " << s << " need not wait";
    }
  }
  EXPECT_GE(removed, 2U);
}

// Steps that may run at once share no byte that one of them writes.
TEST(BranchesTest, HaveMemoryOfTheirOwn) {
  Branches branches(Order::Issued);
  const Program& program = branches.program();
  std::vector<std::vector<Access>> accesses;
  StepOrder order;
  for (const Step& step : program.steps) {
    order.add(step.stream, step.waits);
    std::vector<Access>& own = accesses.emplace_back();
    for (const auto* slots : {&step.inputs, &step.outputs}) {
      for (const Slot slot : *slots) {
        if (slot == kNoSlot) continue;
        const Residence& value = program.value(slot);
        if (value.kind != Residence::Kind::Arena) continue;
        const std::size_t bytes = Tensor::weightless(value.dtype, value.dims).bytes();
        own.push_back({0, value.offset, value.offset + bytes, slots == &step.outputs});
      }
    }
    own.push_back({0, step.workspace, step.workspace + step.bound->workspace_bytes(), true});
  }
  const auto dependencies = find_dependencies(accesses);
  for (std::size_t s = 0; s < dependencies.size(); ++s) {
    for (const std::size_t before : dependencies[s])
      EXPECT_TRUE(order.precedes(before, s)) << before << " and " << s;
  }
}

}  // namespace
}  // namespace braid
