#include "backends/cuda/device_program.hpp"

#include <algorithm>
#include <list>

#include "backends/cuda/device_calls.hpp"
#include "backends/cuda/device_ports.hpp"
#include "backends/cuda/step_streams.hpp"
#include "braid/error.hpp"
#include "runtime/plan_failure.hpp"

namespace braid {
namespace {

constexpr std::size_t kMostBindings = 8;
constexpr std::uintptr_t kAlignment = 64;  // as kernels know it of the arena

using Spans = std::span<const DeviceSpan>;

std::byte* address_of(const DeviceSpan& span) {
  return static_cast<std::byte*>(span.data);
}

// A copy within the device.
struct Copy {
  std::byte* to;
  const std::byte* from;
  std::size_t bytes;
};

// The Program at one set of addresses.
struct Binding {
  std::vector<void*> key;
  std::vector<Copy> before;
  DeviceCalls calls;
  std::vector<Copy> after;
  std::unique_ptr<GpuGraph> graph;  // once it has been captured
};

class CudaProgram final : public DeviceProgram {
 public:
  CudaProgram(Gpu& gpu, std::shared_ptr<const Program> program, const PortNames& names,
              Launching launching)
      : gpu_(gpu),
        program_(std::move(program)),
        ports_(find_device_ports(*program_, names.inputs, names.outputs)),
        is_replayed_(launching == Launching::Replayed),
        arena_(gpu.allocate(program_->arena_bytes)),
        failures_(gpu.allocate(failure_bytes())),
        seen_failures_(gpu.allocate_pinned(failure_bytes())),
        streams_(gpu, program_),
        start_(gpu.make_event()),
        done_(gpu.make_event()) {
    for (const Slot slot : program_->outputs)
      constants_.push_back(constant_of(program_->value(slot)));
    forget_failures();
  }

  ~CudaProgram() override {
    try {
      done_->wait();
    } catch (const Error&) {  // a device that fails runs nothing any more
    }
  }

  const std::vector<DevicePort>& inputs() const override { return ports_.inputs; }
  const std::vector<DevicePort>& outputs() const override { return ports_.outputs; }
  std::size_t memory_bytes() const override { return program_->arena_bytes + failure_bytes(); }

  void run(Spans inputs, Spans outputs, void* stream) override {
    const std::unique_ptr<GpuStream> caller = gpu_.adopt_stream(stream);
    Binding* binding = find(inputs, outputs);
    const bool is_new = binding == nullptr;
    if (is_new) binding = &bind(inputs, outputs);
    caller->wait_for(*done_);
    if (is_new || !is_replayed_) {
      launch(*binding, *caller);
    } else {
      if (!binding->graph) binding->graph = capture(streams_.main(), [&] { add_work(*binding); });
      caller->replay(*binding->graph);
    }
    caller->record(*done_);
  }

  void check() override {
    done_->wait();
    GpuStream& stream = streams_.main();
    stream.download(seen_failures_.get(), failures_.get(), failure_bytes());
    stream.wait();
    const std::vector<std::int32_t> seen(seen_failures(), seen_failures() + program_->steps.size());
    forget_failures();
    check_failures(*program_, seen);
  }

 private:
  std::size_t failure_bytes() const { return program_->steps.size() * sizeof(std::int32_t); }

  const std::int32_t* seen_failures() const {
    return reinterpret_cast<const std::int32_t*>(seen_failures_.get());
  }

  void forget_failures() {
    streams_.main().clear(failures_.get(), failure_bytes());
    streams_.main().wait();
  }

  // Null for a value that is computed.
  std::shared_ptr<const std::byte> constant_of(const Residence& value) const {
    if (value.kind != Residence::Kind::Constant) return nullptr;
    const std::size_t bytes = Tensor::weightless(value.dtype, value.dims).bytes();
    return upload(gpu_, program_->constants[value.index].raw().subspan(value.offset, bytes));
  }

  // ---- bindings ----

  static bool is_key(const std::vector<void*>& key, Spans inputs, Spans outputs) {
    const auto is_address = [](const DeviceSpan& span, const void* at) { return span.data == at; };
    if (key.size() != inputs.size() + outputs.size()) return false;
    const auto middle = key.begin() + static_cast<std::ptrdiff_t>(inputs.size());
    return std::equal(inputs.begin(), inputs.end(), key.begin(), is_address) &&
           std::equal(outputs.begin(), outputs.end(), middle, is_address);
  }

  // The one used last is in front.
  Binding* find(Spans inputs, Spans outputs) {
    const auto found = std::find_if(bindings_.begin(), bindings_.end(), [&](const Binding& each) {
      return is_key(each.key, inputs, outputs);
    });
    if (found == bindings_.end()) return nullptr;
    check_device_spans(ports_, inputs, outputs);
    bindings_.splice(bindings_.begin(), bindings_, found);
    return &bindings_.front();
  }

  Binding& bind(Spans inputs, Spans outputs) {
    check_device_spans(ports_, inputs, outputs);
    check_owner("input", ports_.inputs, inputs);
    check_owner("output", ports_.outputs, outputs);
    Binding binding;
    for (const Spans spans : {inputs, outputs}) {
      for (const DeviceSpan& span : spans)
        binding.key.push_back(span.data);
    }
    const DevicePlaces places = places_of(inputs, outputs);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      std::byte* const to = places.address(program_->inputs[i]);
      add_copy({to, address_of(inputs[i]), inputs[i].bytes}, binding.before);
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::byte* const from =
          constants_[i] ? constants_[i].get() : places.address(program_->outputs[i]);
      add_copy({address_of(outputs[i]), from, outputs[i].bytes}, binding.after);
    }
    try {
      binding.calls = prepare_calls(places, streams_);
    } catch (const PlanFailure& failure) {
      throw Error(ErrorKind::Unsupported,
                  std::string(failure.what()) + "; use Executable::run() instead");
    }
    if (bindings_.size() == kMostBindings) bindings_.pop_back();
    return bindings_.emplace_front(std::move(binding));
  }

  static void add_copy(const Copy& copy, std::vector<Copy>& list) {
    if (copy.to != copy.from && copy.bytes > 0) list.push_back(copy);
  }

  void check_owner(const char* kind, const std::vector<DevicePort>& ports, Spans spans) const {
    for (std::size_t i = 0; i < ports.size(); ++i) {
      if (spans[i].bytes == 0 || gpu_.holds(address_of(spans[i]), spans[i].bytes)) continue;
      throw Error(ErrorKind::BadInput, std::string(kind) + " '" + ports[i].name +
                                           "': its address is no memory of " + gpu_.traits().name +
                                           "; copy it there first");
    }
  }

  // Blocks of which the caller's memory lies together are there, all others in the arena.
  DevicePlaces places_of(Spans inputs, Spans outputs) const {
    std::vector<std::byte*> starts(ports_.buffers.size(), nullptr);
    std::vector<bool> is_together(ports_.buffers.size(), true);
    const auto add = [&](const std::vector<DevicePort>& ports, Spans spans) {
      for (std::size_t i = 0; i < ports.size(); ++i) {
        const std::size_t block = ports[i].block;
        std::byte* const start = address_of(spans[i]) - ports[i].offset;
        if (starts[block] == nullptr) starts[block] = start;
        if (starts[block] != start) is_together[block] = false;
      }
    };
    add(ports_.inputs, inputs);
    add(ports_.outputs, outputs);
    DevicePlaces places{program_.get(), arena_.get(),
                        reinterpret_cast<std::int32_t*>(failures_.get())};
    for (std::size_t b = 0; b < starts.size(); ++b) {
      const bool is_aligned = reinterpret_cast<std::uintptr_t>(starts[b]) % kAlignment == 0;
      if (ports_.buffers[b] != kNoSlot && is_together[b] && is_aligned)
        places.given[ports_.buffers[b]] = starts[b];
    }
    return places;
  }

  // ---- work ----

  void add_work(const Binding& binding) {
    GpuStream& stream = streams_.main();
    for (const Copy& copy : binding.before)
      stream.copy(copy.to, copy.from, copy.bytes);
    streams_.add(0, program_->steps.size(), binding.calls);
    for (const Copy& copy : binding.after)
      stream.copy(copy.to, copy.from, copy.bytes);
  }

  // Drivers load kernels when these are launched for the first time, which they cannot do while
  // work is captured; and addresses that do not come again are not worth a graph.
  void launch(const Binding& binding, GpuStream& caller) {
    caller.record(*start_);
    streams_.main().wait_for(*start_);
    add_work(binding);
    streams_.main().record(*start_);
    caller.wait_for(*start_);
  }

  Gpu& gpu_;
  std::shared_ptr<const Program> program_;
  DevicePorts ports_;
  bool is_replayed_;
  std::shared_ptr<std::byte> arena_;
  std::shared_ptr<std::byte> failures_;  // by step
  std::shared_ptr<std::byte> seen_failures_;
  std::vector<std::shared_ptr<const std::byte>> constants_;  // by output
  StepStreams streams_;
  std::unique_ptr<GpuEvent> start_;
  std::unique_ptr<GpuEvent> done_;  // the run before
  std::list<Binding> bindings_;
};

void check_has_places(const Program& program) {
  std::string problems;
  for (const Step& step : program.steps) {
    if (!is_on_device(step)) problems += "\n" + step.place + " is computed on the host";
  }
  for (const auto* slots : {&program.inputs, &program.outputs}) {
    for (const Slot slot : *slots) {
      if (program.value(slot).kind == Residence::Kind::Loose)
        problems += "\nthe size of an input or output is not known before it is computed";
    }
  }
  if (problems.empty()) return;
  throw Error(ErrorKind::Unsupported,
              "the model cannot stay on the device; use Executable::run() instead:" + problems);
}

}  // namespace

std::unique_ptr<DeviceProgram> make_device_program(Gpu& gpu, std::shared_ptr<const Program> program,
                                                   const PortNames& names, Launching launching) {
  check_has_places(*program);
  return std::make_unique<CudaProgram>(gpu, std::move(program), names, launching);
}

}  // namespace braid
