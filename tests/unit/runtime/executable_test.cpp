#include <gtest/gtest.h>

#include <new>
#include <thread>

#include "braid/compile.hpp"
#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "plan/lower_graph.hpp"
#include "runtime/run_program.hpp"
#include "tests/unit/kernels/call_kernel.hpp"
#include "tests/unit/plan/fake_backend.hpp"

namespace braid {
namespace {

constexpr const char* kModel = R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[n] x) => (float[n] y)
    <float[2] w = {10, 20}> {
      a = Mul(x, x)
      y = Add(a, w)
    })";

std::string message_of(const Executable& program, const std::vector<Tensor>& inputs,
                       ErrorKind kind) {
  try {
    program.run(inputs);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

TEST(ExecutableTest, ComputesOutputsThatRepeatAndThatAreInputsOrConstants) {
  Model model = parse_model_text(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[n] x) => (float[n] y) <float[2] w = {10, 20}> { a = Mul(x, x) y = Add(a, w) })");
  Graph& graph = model.graph;
  graph.outputs.push_back(graph.inputs[0]);
  graph.outputs.push_back(graph.nodes[1].inputs[1]);
  graph.outputs.push_back(graph.outputs[0]);
  const Executable program = compile(model);
  const std::vector<Tensor> outputs = program.run(std::vector{Tensor::of<float>({2}, {3, 4})});
  ASSERT_EQ(outputs.size(), 4U);
  EXPECT_EQ(outputs[0].data<float>()[0], 19);
  EXPECT_EQ(outputs[0].data<float>()[1], 36);
  EXPECT_EQ(outputs[1].data<float>()[1], 4);
  EXPECT_EQ(outputs[2].data<float>()[1], 20);
  EXPECT_TRUE(same_content(outputs[3], outputs[0]));
}

TEST(ExecutableTest, OutlivesTheModel) {
  std::optional<Executable> program;
  {
    const Model model = parse_model_text(kModel);
    program = compile(model);
  }
  EXPECT_EQ(program->run(std::vector{Tensor::of<float>({2}, {1, 1})})[0].data<float>()[0], 11);
}

TEST(ExecutableTest, RunsFromSeveralThreadsAtOnce) {
  const Executable program = compile(parse_model_text(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[8, 8] x) => (float[8, 8] y) <float[8] w = {1, 2, 3, 4, 5, 6, 7, 8}> {
      a = Add(x, w)
      b = MatMul(a, a)
      y = Softmax <axis = -1> (b)
    })"));
  const auto input = [](int thread) {
    return std::vector{
        Tensor::of<float>({8, 8}, std::vector<float>(64, 0.1F * static_cast<float>(thread)))};
  };
  std::vector<Tensor> expected;
  for (int i = 0; i < 4; ++i)
    expected.push_back(program.run(input(i))[0]);
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int repeat = 0; repeat < 50; ++repeat) {
        const Tensor actual = program.run(input(i))[0];
        if (!same_content(actual, expected[static_cast<std::size_t>(i)])) {
          ++wrong[static_cast<std::size_t>(i)];
        }
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(ExecutableTest, NamesTheNodeThatFails) {
  const Executable program = compile(parse_model_text(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[n] x, float[m] w) => (float[k] y) { y = Add(x, w) })"));
  const std::string message =
      message_of(program, {Tensor::of<float>({2}, {1, 2}), Tensor::of<float>({3}, {1, 2, 3})},
                 ErrorKind::BadInput);
  EXPECT_TRUE(message.starts_with("node 'y' (Add): ")) << message;
  EXPECT_EQ(message.find("Add: "), std::string::npos) << message;
}

std::vector<Tensor> run_with(KernelFunction kernel, const char* nodes) {
  const Model model = parse_model_text(std::string(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[n] x) => (float[n] y) { )") +
                                       nodes + "}");
  const FakeBackend backend(kernel);
  PackedWeights weights;
  Frame frame(lower_graph(model, backend, weights, Memory::Loose), nullptr);
  return to_tensors(run_program(frame, std::vector<Datum>{Tensor::of<float>({1}, {1})}));
}

std::string message_of(KernelFunction kernel, ErrorKind kind) {
  try {
    run_with(kernel, "y = Relu(x)");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

TEST(RunProgramTest, SaysWhereMemoryRanOut) {
  EXPECT_EQ(message_of([](KernelCall&) { throw std::bad_alloc(); }, ErrorKind::Device),
            "out of memory in node 'y' (Relu); use smaller inputs");
}

TEST(RunProgramTest, RefusesOutputsThatAKernelLeavesOut) {
  EXPECT_EQ(message_of([](KernelCall&) {}, ErrorKind::Unsupported),
            "node 'y' (Relu): output 0 is not computed by this build");
}

TEST(RunProgramTest, FreesIntermediateTensors) {
  static std::vector<std::weak_ptr<const void>> alive;
  static std::size_t most_alive;
  alive.clear();
  most_alive = 0;
  run_with(
      [](KernelCall& call) {
        const auto owner = std::make_shared<std::vector<std::byte>>(4);
        alive.push_back(owner);
        std::size_t count = 0;
        for (const auto& buffer : alive)
          count += buffer.expired() ? 0U : 1U;
        most_alive = std::max(most_alive, count);
        call.set_output(0, Tensor::borrow(DType::Float32, {1}, *owner, owner));
      },
      "a = Relu(x) b = Relu(a) c = Relu(b) d = Relu(c) y = Relu(d)");
  EXPECT_EQ(alive.size(), 5U);
  EXPECT_EQ(most_alive, 2U);
}

TEST(CompileTest, RefusesReshapesThatDoNotFit) {
  const Executable program = compile(parse_model_text(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[2,3] x) => (float[100,2] y) <int64[2] dims = {100, 2}> {
      a = Neg(x) b = Reshape(a, dims) y = Neg(b) })"));
  const Tensor input = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(message_of(program, {input}, ErrorKind::BadInput).find("node 'b' (Reshape): "), 0U);
}

TEST(CompileTest, ComputesNothingThatNobodyReads) {
  const Model model = parse_model_text(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[4,6] x) => (float[1,6] y) <float[6,6] w = {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6,
       7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9},
       int64[1] first = {1}, int64[1] last = {2}, int64[1] axis = {0}> {
      a = MatMul(x, w) b = Tanh(a) y = Slice(b, first, last, axis) })");
  const std::vector<Tensor> inputs = {reference::noise({4, 6})};
  const Executable program = compile(model);
  EXPECT_TRUE(
      same_content(program.run(inputs)[0], compile(model, {Device::Reference}).run(inputs)[0]));
  EXPECT_EQ(program.report(to_data(inputs)).steps.back().flops, 2 * 6 * 6);
}

TEST(CompileTest, MaxPoolHasNoWindowsThatStartInThePadding) {
  const Model model = parse_model_text(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[1,1,2,2] x) => (float[1,1,a,b] y) {
      y = MaxPool <ceil_mode = 1, kernel_shape = [2,2], pads = [1,1,1,1], strides = [3,3]> (x) })");
  const std::vector<Tensor> inputs = {Tensor::of<float>({1, 1, 2, 2}, {1, 2, 3, 4})};
  EXPECT_TRUE(same_content(compile(model).run(inputs)[0],
                           compile(model, {Device::Reference}).run(inputs)[0]));
}

TEST(CompileTest, DensifiesSparseInitializers) {
  Model model = parse_model_text(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[2] x, float[2] w) => (float[2] y) { y = Add(x, w) })");
  model.graph.inputs.pop_back();
  model.graph.sparse_initializers.emplace_back(
      "w", SparseTensor{Tensor::of<float>({1}, {5}), Tensor::of<std::int64_t>({1}, {1}), {2}});
  for (const Device device : {Device::Cpu, Device::Reference}) {
    const Executable program = compile(model, {device});
    const auto outputs = program.run(std::vector{Tensor::of<float>({2}, {1, 2})});
    EXPECT_EQ(outputs[0].data<float>()[0], 1);
    EXPECT_EQ(outputs[0].data<float>()[1], 7);
  }
}

TEST(CompileTest, InlinesFunctions) {
  const Executable program = compile(parse_model_text(R"(
    <ir_version: 8, opset_import: ["" : 17, "local" : 1]>
    g (float[n] x) => (float[n] y) { y = local.Twice(x) }
    <domain: "local", opset_import: ["" : 17]>
    Twice (a) => (b) { b = Add(a, a) })"));
  EXPECT_EQ(program.run(std::vector{Tensor::of<float>({1}, {3})})[0].data<float>()[0], 6);
}

TEST(CompileTest, SaysThatCudaIsMissing) {
  const Model model = parse_model_text(kModel);
  try {
    compile(model, {Device::Cuda});  // which a machine with a GPU does
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Device);
    EXPECT_NE(std::string(error.what()).find("use --device cpu"), std::string::npos);
  }
}

}  // namespace
}  // namespace braid
