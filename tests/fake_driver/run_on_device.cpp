// A caller with CUDA: a compiled model on device pointers, in two streams at once, over the fake
// driver. Exit code 1 if it yields other bits than by way of the host.

#include <cstdio>

#include "braid/device.hpp"
#include "braid/error.hpp"
#include "support/model_with_weights.hpp"

namespace {

constexpr const char* kModel = R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (float[n,24] x, float[24,16] w1, float[16,24] w2) => (float[n,24] y, float[n,16] h) {
      h = MatMul(x, w1)
      a = Tanh(h)
      b = MatMul(a, w2)
      y = Softmax(b)
    })";

// A DeviceProgram with memory and a stream of its own.
class Worker {
 public:
  Worker(const braid::Executable& model, braid::DeviceAccess& access, double seed)
      : access_(access), x_(braid::varied_floats({2, 24}, seed)), stream_(access.make_stream()) {
    program_ = model.on_device(std::vector<std::vector<std::int64_t>>{{2, 24}});
    inputs_ = {room(x_.bytes())};
    for (const braid::DevicePort& port : program_->outputs())
      outputs_.push_back(room(port.bytes));
    access_.upload(inputs_[0].data, x_.raw(), stream_.get());
  }

  void run() { program_->run(inputs_, outputs_, stream_.get()); }

  bool is_right(const braid::Executable& model) {
    program_->check();
    const std::vector<braid::Tensor> expected = model.run(std::vector{x_});
    for (std::size_t i = 0; i < expected.size(); ++i) {
      braid::Tensor found = braid::Tensor::allocate(expected[i].dtype(), expected[i].dims());
      access_.download(found.mutable_raw(), outputs_[i].data, stream_.get());
      if (!braid::same_content(found, expected[i])) return false;
    }
    return true;
  }

  bool refuses(void* address) {
    try {
      program_->run(std::vector{braid::DeviceSpan{address, x_.bytes()}}, outputs_, stream_.get());
      return false;
    } catch (const braid::Error& error) {
      return error.kind() == braid::ErrorKind::BadInput;
    }
  }

 private:
  braid::DeviceSpan room(std::size_t bytes) {
    memory_.push_back(access_.allocate(bytes));
    return {memory_.back().get(), bytes};
  }

  braid::DeviceAccess& access_;
  braid::Tensor x_;
  std::shared_ptr<void> stream_;
  std::vector<std::shared_ptr<void>> memory_;
  std::unique_ptr<braid::DeviceProgram> program_;
  std::vector<braid::DeviceSpan> inputs_;
  std::vector<braid::DeviceSpan> outputs_;
};

}  // namespace

int main() {
  const auto access = braid::access_device(braid::Device::Cuda);
  const braid::Executable model =
      braid::compile(braid::model_with_weights(kModel), {braid::Device::Cuda});
  Worker first(model, *access, 1);
  Worker second(model, *access, 2);
  for (int turn = 0; turn < 4; ++turn) {
    first.run();
    second.run();
  }
  float on_host = 0;
  const bool is_right = second.is_right(model) && first.is_right(model);
  const bool refuses = first.refuses(&on_host);
  std::printf("bits: %s; memory of the host: %s\n", is_right ? "the same" : "OTHERS",
              refuses ? "refused" : "TAKEN");
  return is_right && refuses ? 0 : 1;
}
