#include "runtime/run_program.hpp"

#include <algorithm>
#include <chrono>
#include <new>
#include <stdexcept>

#include "braid/error.hpp"
#include "runtime/plan_failure.hpp"

namespace braid {
namespace {

// A result that shares the storage of an operand in the arena would change when that is used again.
class ArenaOperands {
 public:
  ArenaOperands(const Step& step, std::span<const Datum> inputs, const Program& program) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (!inputs[i] || program.value(step.inputs[i]).kind != Residence::Kind::Arena) continue;
      identities_.push_back(inputs[i].tensor().identity());
    }
  }

  Datum on_its_own(const Datum& output) const {
    if (!shares_storage(output)) return output;
    return map_tensors(output, [&](const Tensor& tensor) { return copied(tensor); });
  }

 private:
  bool contains(const Tensor& tensor) const {
    return std::find(identities_.begin(), identities_.end(), tensor.identity()) !=
           identities_.end();
  }

  bool shares_storage(const Datum& datum) const {
    if (!datum) return false;
    if (datum.is_tensor()) return contains(datum.tensor());
    return std::any_of(datum.elements().begin(), datum.elements().end(),
                       [&](const Datum& element) { return shares_storage(element); });
  }

  Tensor copied(const Tensor& tensor) const {
    if (!contains(tensor)) return tensor;
    Tensor copy = Tensor::allocate(tensor.dtype(), tensor.dims());
    const std::span<const std::byte> bytes = tensor.raw();
    std::copy(bytes.begin(), bytes.end(), copy.mutable_raw().begin());
    return copy;
  }

  std::vector<const void*> identities_;
};

void run_loose(const Step& step, Frame& frame) {
  std::vector<Datum> inputs;
  for (const Slot slot : step.inputs)
    inputs.push_back(frame.view(slot));
  std::vector<Datum> outputs(step.outputs.size());
  step.loose->run(inputs, outputs);
  const ArenaOperands operands(step, inputs, frame.program());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (step.outputs[i] == kNoSlot) continue;
    if (!outputs[i]) {
      throw Error(ErrorKind::Unsupported,
                  "output " + std::to_string(i) + " is not computed by this build");
    }
    frame.put(step.outputs[i], operands.on_its_own(outputs[i]));
  }
  for (const Slot slot : step.last_used)
    frame.free(slot);
}

std::string without_prefix(const std::string& message, const std::string& prefix) {
  return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

void put_inputs(Frame& frame, std::span<const Datum> inputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i)
    frame.put(frame.program().inputs[i], inputs[i]);
}

}  // namespace

void run_step(std::size_t s, Frame& frame) {
  const Step& step = frame.program().steps[s];
  try {
    if (step.bound) {
      frame.run_bound(s);
    } else {
      run_loose(step, frame);
    }
  } catch (const PlanFailure&) {
    throw;
  } catch (const Error& error) {
    throw Error(error.kind(), step.place + ": " + without_prefix(error.what(), step.op + ": "));
  } catch (const std::bad_alloc&) {
    throw Error(ErrorKind::Device, "out of memory in " + step.place + "; use smaller inputs");
  } catch (const std::length_error&) {
    // What a container throws for a size that no address space holds.
    throw Error(ErrorKind::Device, "out of memory in " + step.place + "; use smaller inputs");
  }
}

std::vector<Datum> run_program(Frame& frame, std::span<const Datum> inputs) {
  const Program& program = frame.program();
  put_inputs(frame, inputs);
  for (std::size_t s = 0; s < program.steps.size(); ++s)
    run_step(s, frame);
  std::vector<Datum> outputs;
  outputs.reserve(program.outputs.size());
  for (const Slot slot : program.outputs)
    outputs.push_back(frame.take(slot));
  return outputs;
}

std::vector<double> time_steps(Frame& frame, std::span<const Datum> inputs) {
  using Clock = std::chrono::steady_clock;
  put_inputs(frame, inputs);
  std::vector<double> seconds;
  for (std::size_t s = 0; s < frame.program().steps.size(); ++s) {
    const Clock::time_point start = Clock::now();
    run_step(s, frame);
    seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
  }
  return seconds;
}

}  // namespace braid
