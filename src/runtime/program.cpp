#include <new>
#include <stdexcept>

#include "braid/error.hpp"
#include "runtime/check_inputs.hpp"
#include "runtime/operand.hpp"
#include "runtime/program_impl.hpp"

namespace braid {
namespace {

/// The tensors of one run. Constants stay in the Program and are never freed.
class Frame {
 public:
  explicit Frame(const Program::Impl& program)
      : program_(program), tensors_(program.slot_count - program.constants.size()) {}

  const Tensor& read(Slot slot) const {
    return is_constant(slot) ? program_.constants[static_cast<std::size_t>(slot)]
                             : tensors_[local(slot)];
  }
  void write(Slot slot, Tensor tensor) { tensors_[local(slot)] = std::move(tensor); }
  void free(Slot slot) { tensors_[local(slot)] = {}; }

 private:
  bool is_constant(Slot slot) const {
    return static_cast<std::size_t>(slot) < program_.constants.size();
  }
  std::size_t local(Slot slot) const {
    return static_cast<std::size_t>(slot) - program_.constants.size();
  }

  const Program::Impl& program_;
  std::vector<Tensor> tensors_;
};

void call_kernel(const Step& step, Frame& frame) {
  std::vector<Tensor> inputs(step.inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (step.inputs[i] != kNoSlot) inputs[i] = frame.read(step.inputs[i]);
  }
  std::vector<Tensor> outputs(step.outputs.size());
  KernelCall call(step.op, step.opset, step.attributes, inputs, outputs);
  step.kernel(call);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (step.outputs[i] == kNoSlot) continue;
    if (!outputs[i]) {
      throw Error(ErrorKind::Unsupported,
                  "output " + std::to_string(i) + " is not computed by this build");
    }
    frame.write(step.outputs[i], outputs[i].materialised());
  }
  for (const Slot slot : step.last_used)
    frame.free(slot);
}

std::string without_prefix(const std::string& message, const std::string& prefix) {
  return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

void run_step(const Step& step, Frame& frame) {
  try {
    call_kernel(step, frame);
  } catch (const Error& error) {
    throw Error(error.kind(), step.place + ": " + without_prefix(error.what(), step.op + ": "));
  } catch (const std::bad_alloc&) {
    throw Error(ErrorKind::Device, "out of memory in " + step.place + "; use smaller inputs");
  } catch (const std::length_error&) {
    // What a container throws for a size that no address space holds.
    throw Error(ErrorKind::Device, "out of memory in " + step.place + "; use smaller inputs");
  }
}

}  // namespace

const std::vector<Port>& Program::inputs() const {
  return impl_->inputs;
}
const std::vector<Port>& Program::outputs() const {
  return impl_->outputs;
}

std::vector<Tensor> Program::run(std::span<const Tensor> inputs) const {
  check_inputs(impl_->inputs, inputs);
  Frame frame(*impl_);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    frame.write(impl_->input_slots[i], as_operand(inputs[i]));
  }
  for (const Step& step : impl_->steps)
    run_step(step, frame);
  std::vector<Tensor> outputs;
  for (const Slot slot : impl_->output_slots)
    outputs.push_back(frame.read(slot));
  return outputs;
}

}  // namespace braid
