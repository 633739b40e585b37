// Programs for the caller's memory of the device: the same bits as by way of the host, nothing
// copied, several streams at once, and what the caller gets wrong.

#include <gmock/gmock.h>

#include <array>
#include <map>

#include "backends/cuda/cuda_backend.hpp"
#include "backends/cuda/emulated_gpu.hpp"
#include "braid/device.hpp"
#include "braid/error.hpp"
#include "braid/merge.hpp"
#include "support/model_with_weights.hpp"

namespace braid {
namespace {

using testing::HasSubstr;

// What callers of the library do who have CUDA themselves: memory with data in it, and streams.
class Caller {
 public:
  std::shared_ptr<void> stream() { return access_->make_stream(); }

  DeviceSpan memory(std::size_t bytes) {
    memory_.push_back(access_->allocate(bytes));
    return {memory_.back().get(), bytes};
  }

  DeviceSpan put(const Tensor& tensor) {
    const DeviceSpan span = memory(tensor.bytes());
    put(tensor, span.data);
    return span;
  }

  void put(const Tensor& tensor, void* at) { access_->upload(at, tensor.raw(), nullptr); }

  std::vector<DeviceSpan> room_for(const std::vector<DevicePort>& ports) {
    std::vector<DeviceSpan> spans;
    for (const DevicePort& port : ports)
      spans.push_back(memory(port.bytes));
    return spans;
  }

  // Behind all that is in the stream.
  Tensor get(const DevicePort& port, const DeviceSpan& span, void* stream) {
    Tensor tensor = Tensor::allocate(port.dtype, port.dims);
    access_->download(tensor.mutable_raw(), span.data, stream);
    return tensor;
  }

  DeviceAccess& access() { return *access_; }

 private:
  std::unique_ptr<DeviceAccess> access_ = access_device(Device::CudaEmulated);
  std::vector<std::shared_ptr<void>> memory_;
};

const GpuTraffic& traffic() {
  return static_cast<const EmulatedGpu&>(emulated_gpu()).traffic();
}

constexpr const char* kLayer = R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[n,24] x, float[24,16] w1, float[16,24] w2) => (float[n,24] y, float[n,16] h) {
      h = MatMul(x, w1)
      a = Tanh(h)
      b = MatMul(a, w2)
      y = Softmax(b)
    })";

using Dims = std::vector<std::vector<std::int64_t>>;

class DeviceProgramTest : public testing::Test {
 protected:
  void expect_bits(const DeviceProgram& program, const std::vector<DeviceSpan>& outputs,
                   const std::vector<Tensor>& expected, void* stream) {
    ASSERT_EQ(outputs.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const Tensor found = caller_.get(program.outputs()[i], outputs[i], stream);
      EXPECT_TRUE(same_content(found, expected[i])) << program.outputs()[i].name;
    }
  }

  std::string message_of(DeviceProgram& program, const std::vector<DeviceSpan>& inputs,
                         const std::vector<DeviceSpan>& outputs) {
    try {
      program.run(inputs, outputs, nullptr);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::BadInput);
      return error.what();
    }
    return "no error";
  }

  // Ports of a block at their offsets from one address.
  std::vector<DeviceSpan> side_by_side(const std::vector<DevicePort>& ports) {
    std::map<std::size_t, std::size_t> ends;
    for (const DevicePort& port : ports)
      ends[port.block] = std::max(ends[port.block], port.offset + port.bytes);
    EXPECT_LT(ends.size(), ports.size());
    std::map<std::size_t, void*> starts;
    for (const auto& [block, end] : ends)
      starts[block] = caller_.memory(end).data;
    std::vector<DeviceSpan> spans;
    for (const DevicePort& port : ports)
      spans.push_back({static_cast<std::byte*>(starts[port.block]) + port.offset, port.bytes});
    return spans;
  }

  static std::size_t bytes_of(const std::vector<DeviceSpan>& spans) {
    std::size_t bytes = 0;
    for (const DeviceSpan& span : spans)
      bytes += span.bytes;
    return bytes;
  }

  Caller caller_;
};

TEST_F(DeviceProgramTest, TellsWhatItsPortsAre) {
  const Executable layer = compile(model_with_weights(kLayer), {Device::CudaEmulated});
  const auto program = layer.on_device(Dims{{3, 24}});
  ASSERT_EQ(program->inputs().size(), 1U);
  ASSERT_EQ(program->outputs().size(), 2U);
  const DevicePort& h = program->outputs()[1];
  EXPECT_EQ(h.name, "h");
  EXPECT_EQ(h.dtype, DType::Float32);
  EXPECT_THAT(h.dims, testing::ElementsAre(3, 16));
  EXPECT_EQ(h.bytes, 3U * 16 * 4);
  EXPECT_FALSE(h.is_copied);
  EXPECT_GT(program->memory_bytes(), 0U);
}

TEST_F(DeviceProgramTest, YieldsTheBitsOfTheHostsWayWithoutCopies) {
  const Executable layer = compile(model_with_weights(kLayer), {Device::CudaEmulated});
  const auto program = layer.on_device(Dims{{3, 24}});
  const auto stream = caller_.stream();
  for (int turn = 0; turn < 4; ++turn) {
    const Tensor x = varied_floats({3, 24}, turn);
    const std::vector<Tensor> expected = layer.run(std::vector{x});
    const std::vector<DeviceSpan> inputs = {caller_.put(x)};
    const std::vector<DeviceSpan> outputs = caller_.room_for(program->outputs());
    const auto before = [] {
      return std::array{traffic().uploaded.load(), traffic().downloaded.load(),
                        traffic().copied.load()};
    };
    const auto counted = before();
    for (int again = 0; again < 3; ++again)
      program->run(inputs, outputs, stream.get());
    caller_.access().wait(stream.get());
    EXPECT_EQ(before(), counted);
    expect_bits(*program, outputs, expected, stream.get());
  }
}

TEST_F(DeviceProgramTest, ReplaysGraphsOfAddressesThatComeAgain) {
  const Executable layer = compile(model_with_weights(kLayer), {Device::CudaEmulated});
  const auto program = layer.on_device(Dims{{1, 24}});
  const auto one_by_one = layer.on_device(Dims{{1, 24}}, Launching::OneByOne);
  const std::vector<DeviceSpan> inputs = {caller_.put(varied_floats({1, 24}, 1))};
  const std::vector<DeviceSpan> a = caller_.room_for(program->outputs());
  const std::vector<DeviceSpan> b = caller_.room_for(program->outputs());
  const std::size_t replays = traffic().replays;
  program->run(inputs, a, nullptr);
  program->run(inputs, b, nullptr);
  EXPECT_EQ(traffic().replays, replays);
  for (int turn = 0; turn < 2; ++turn) {
    program->run(inputs, a, nullptr);
    program->run(inputs, b, nullptr);
  }
  EXPECT_EQ(traffic().replays, replays + 4);
  for (int turn = 0; turn < 3; ++turn)
    one_by_one->run(inputs, a, nullptr);
  EXPECT_EQ(traffic().replays, replays + 4);
  for (int turn = 0; turn < 20; ++turn)  // more sets of addresses than are kept
    program->run(inputs, caller_.room_for(program->outputs()), nullptr);
  program->run(inputs, a, nullptr);
  EXPECT_EQ(traffic().replays, replays + 4);
}

TEST_F(DeviceProgramTest, RunsInTwoStreamsAtOnce) {
  const Executable layer = compile(model_with_weights(kLayer), {Device::CudaEmulated});
  const auto first = layer.on_device(Dims{{2, 24}});
  const auto second = layer.on_device(Dims{{2, 24}});
  const auto s1 = caller_.stream();
  const auto s2 = caller_.stream();
  for (int turn = 0; turn < 4; ++turn) {
    const Tensor x1 = varied_floats({2, 24}, turn);
    const Tensor x2 = varied_floats({2, 24}, 100 + turn);
    const std::vector<DeviceSpan> in1 = {caller_.put(x1)};
    const std::vector<DeviceSpan> in2 = {caller_.put(x2)};
    const std::vector<DeviceSpan> out1 = caller_.room_for(first->outputs());
    const std::vector<DeviceSpan> out2 = caller_.room_for(second->outputs());
    for (int again = 0; again < 2; ++again) {
      first->run(in1, out1, s1.get());
      second->run(in2, out2, s2.get());
    }
    expect_bits(*second, out2, layer.run(std::vector{x2}), s2.get());
    expect_bits(*first, out1, layer.run(std::vector{x1}), s1.get());
  }
}

// One DeviceProgram has memory for one run.
TEST_F(DeviceProgramTest, RunsOneAfterTheOtherInDifferentStreams) {
  const Executable layer = compile(model_with_weights(kLayer), {Device::CudaEmulated});
  const auto program = layer.on_device(Dims{{2, 24}});
  const auto s1 = caller_.stream();
  const auto s2 = caller_.stream();
  const Tensor x1 = varied_floats({2, 24}, 1);
  const Tensor x2 = varied_floats({2, 24}, 2);
  const std::vector<DeviceSpan> in1 = {caller_.put(x1)};
  const std::vector<DeviceSpan> in2 = {caller_.put(x2)};
  const std::vector<DeviceSpan> out1 = caller_.room_for(program->outputs());
  const std::vector<DeviceSpan> out2 = caller_.room_for(program->outputs());
  for (int again = 0; again < 3; ++again) {
    program->run(in1, out1, s1.get());
    program->run(in2, out2, s2.get());
  }
  expect_bits(*program, out2, layer.run(std::vector{x2}), s2.get());
  expect_bits(*program, out1, layer.run(std::vector{x1}), s1.get());
}

// The members' outputs are pieces of one value.
TEST_F(DeviceProgramTest, WritesMembersOutputsWhereTheyLieSideBySide) {
  std::vector<Member> members;
  for (const char* name : {"a", "b", "c"}) {
    Model model = model_with_weights(kLayer);
    for (Value& value : model.graph.values) {
      if (!value.is_constant()) continue;
      value.constant = varied_floats(value.constant.dims(), static_cast<double>(name[0]));
    }
    members.push_back({name, {}, std::move(model)});
  }
  const Model model = merge(std::move(members), {.merges_always = true}).model;
  const Executable merged = compile(model, {Device::CudaEmulated});
  const auto program = merged.on_device(Dims(3, {2, 24}));
  std::vector<Tensor> tensors;
  std::vector<DeviceSpan> inputs;
  for (std::size_t i = 0; i < 3; ++i) {
    tensors.push_back(varied_floats({2, 24}, static_cast<double>(i)));
    inputs.push_back(caller_.put(tensors[i]));
  }
  const std::vector<Tensor> expected = merged.run(tensors);
  const std::vector<DeviceSpan> apart = caller_.room_for(program->outputs());
  const std::vector<DeviceSpan> together = side_by_side(program->outputs());
  const std::size_t all = bytes_of(apart);
  for (const auto& [outputs, copied] :
       {std::pair(together, std::size_t{0}), std::pair(apart, all)}) {
    for (int turn = 0; turn < 2; ++turn) {
      const std::size_t before = traffic().copied;
      program->run(inputs, outputs, nullptr);
      expect_bits(*program, outputs, expected, nullptr);
      EXPECT_EQ(traffic().copied - before, copied);
    }
  }
}

TEST_F(DeviceProgramTest, YieldsOutputsThatRepeatAndThatAreInputsOrConstants) {
  Model model = model_with_weights(
      R"(<ir_version: 8, opset_import: ["" : 17]> g (float[2,8] x, float[8,8] w) => (float[2,8] y) {
        y = MatMul(x, w) })");
  Graph& graph = model.graph;
  graph.outputs.push_back(graph.inputs[0]);
  graph.outputs.push_back(graph.nodes[0].inputs[1]);
  graph.outputs.push_back(graph.outputs[0]);
  const Executable all = compile(model, {Device::CudaEmulated});
  const auto program = all.on_device(Dims{{2, 8}});
  const Tensor x = varied_floats({2, 8}, 3);
  const std::vector<DeviceSpan> inputs = {caller_.put(x)};
  const std::vector<DeviceSpan> outputs = caller_.room_for(program->outputs());
  EXPECT_TRUE(program->outputs()[1].is_copied);
  for (int turn = 0; turn < 3; ++turn)
    program->run(inputs, outputs, nullptr);
  expect_bits(*program, outputs, all.run(std::vector{x}), nullptr);
}

TEST_F(DeviceProgramTest, RefusesMemoryThatDoesNotFit) {
  const Executable layer = compile(model_with_weights(kLayer), {Device::CudaEmulated});
  const auto program = layer.on_device(Dims{{2, 24}});
  const std::vector<DeviceSpan> inputs = {caller_.put(varied_floats({2, 24}, 1))};
  const std::vector<DeviceSpan> outputs = caller_.room_for(program->outputs());
  EXPECT_EQ(message_of(*program, inputs, outputs), "no error");
  EXPECT_THAT(message_of(*program, {}, outputs), HasSubstr("0 inputs were given, but there are 1"));
  EXPECT_THAT(message_of(*program, {{inputs[0].data, 8}}, outputs),
              HasSubstr("input 'x': 8 bytes were given instead of 192, for float[2,24]"));
  auto* const odd = static_cast<std::byte*>(caller_.memory(256).data) + 2;
  EXPECT_THAT(message_of(*program, {{odd, 192}}, outputs), HasSubstr("no multiple of 4"));
  std::vector<float> on_host(48);
  EXPECT_THAT(message_of(*program, {{on_host.data(), 192}}, outputs),
              HasSubstr("input 'x': its address is no memory of emulated"));
  auto* const end = static_cast<std::byte*>(caller_.memory(256).data) + 128;
  EXPECT_THAT(message_of(*program, {{end, 192}}, outputs), HasSubstr("no memory of emulated"));
  EXPECT_THAT(message_of(*program, inputs, {inputs[0], outputs[1]}),
              HasSubstr("input 'x' and output 'y' overlap"));
  EXPECT_EQ(message_of(*program, inputs, outputs), "no error");
}

TEST_F(DeviceProgramTest, TakesAddressesOfAnyElement) {
  const Executable layer = compile(model_with_weights(kLayer), {Device::CudaEmulated});
  const auto program = layer.on_device(Dims{{2, 24}});
  const Tensor x = varied_floats({2, 24}, 5);
  const DeviceSpan room = caller_.memory(256);
  const DeviceSpan odd = {static_cast<std::byte*>(room.data) + 4, x.bytes()};
  caller_.put(x, odd.data);
  const std::vector<DeviceSpan> outputs = caller_.room_for(program->outputs());
  program->run(std::vector{odd}, outputs, nullptr);
  expect_bits(*program, outputs, layer.run(std::vector{x}), nullptr);
}

TEST_F(DeviceProgramTest, TellsOfWrongDataWhenAsked) {
  const Model model = parse_model_text(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (int64[3] i) => (float[3] y) <float[3] w = {5, 6, 7}> { y = Gather(w, i) })");
  const Executable gather = compile(model, {Device::CudaEmulated});
  const auto program = gather.on_device(Dims{{3}});
  const std::vector<DeviceSpan> outputs = caller_.room_for(program->outputs());
  const auto run = [&](std::vector<std::int64_t> indices) {
    const std::vector inputs = {caller_.put(Tensor::of<std::int64_t>({3}, indices))};
    program->run(inputs, outputs, nullptr);
  };
  run({0, 1, 2});
  program->check();
  run({0, 3, 1});
  run({0, 1, 2});
  try {
    program->check();
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("(Gather): an index is out of range"));
  }
  program->check();  // it was told
}

TEST_F(DeviceProgramTest, RefusesWhatNeedsTheHost) {
  const Model model = parse_model_text(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[3] x) => (float[3] y) { a = Tanh(x) b = Hardmax(a) y = Neg(b) })");
  const auto expect_error = [](const Executable& executable, const Dims& dims, ErrorKind kind,
                               const char* text) {
    try {
      executable.on_device(dims);
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind);
      EXPECT_THAT(error.what(), HasSubstr(text));
    }
  };
  const Executable hardmax = compile(model, {Device::CudaEmulated});
  expect_error(hardmax, {{3}}, ErrorKind::Unsupported, "(Hardmax) is computed on the host");
  expect_error(hardmax, {{4}}, ErrorKind::BadInput, "dim 0 is 4 instead of 3");
  expect_error(hardmax, {}, ErrorKind::BadInput, "0 inputs were given");
  expect_error(compile(model), {{3}}, ErrorKind::Usage, "compile it for a GPU");
}

}  // namespace
}  // namespace braid
