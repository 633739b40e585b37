#include "backends/cuda/device_runner.hpp"

#include <algorithm>
#include <chrono>

#include "backends/cuda/device_calls.hpp"
#include "backends/cuda/step_streams.hpp"
#include "runtime/run_program.hpp"
#include "support/assert.hpp"

namespace braid {
namespace {

/// Memory of the host that values pass through on their way to the device or back.
class Staging {
 public:
  Staging(Gpu& gpu, const Program& program, const std::vector<Slot>& slots) {
    std::size_t bytes = 0;
    for (const Slot slot : slots) {
      const Residence& value = program.value(slot);
      const bool is_staged = value.kind == Residence::Kind::Arena;
      const std::size_t size = is_staged ? Tensor::weightless(value.dtype, value.dims).bytes() : 0;
      places_.push_back({is_staged, bytes, size});
      bytes += (size + kAlignment - 1) / kAlignment * kAlignment;
    }
    memory_ = gpu.allocate_pinned(bytes);
  }

  bool is_staged(std::size_t i) const { return places_[i].is_staged; }
  std::span<std::byte> bytes(std::size_t i) const {
    return {memory_.get() + places_[i].offset, places_[i].size};
  }

 private:
  static constexpr std::size_t kAlignment = 256;
  struct Place {
    bool is_staged = false;
    std::size_t offset = 0;
    std::size_t size = 0;
  };
  std::vector<Place> places_;
  std::shared_ptr<std::byte> memory_;
};

/// Steps [first, last), all of the device or all of the host.
struct Section {
  std::size_t first = 0;
  std::size_t last = 0;
  bool is_on_device = false;
  std::unique_ptr<GpuGraph> graph;  // of the device's, once it has been captured
};

class DeviceRunner final : public Runner {
 public:
  DeviceRunner(Gpu& gpu, std::shared_ptr<const Program> program, Arena arena)
      : program_(std::move(program)),
        host_(program_, std::move(arena)),
        arena_(gpu.allocate(program_->arena_bytes)),
        failures_(gpu.allocate(failure_bytes())),
        seen_failures_(gpu.allocate_pinned(failure_bytes())),
        inputs_(gpu, *program_, program_->inputs),
        outputs_(gpu, *program_, program_->outputs),
        places_{program_.get(), arena_.get(), reinterpret_cast<std::int32_t*>(failures_.get())},
        streams_(gpu, program_),
        calls_(prepare_calls(places_, streams_)) {
    find_sections();
  }

  std::vector<Datum> run(std::span<const Datum> inputs) override {
    put_inputs(inputs);
    for (Section& section : sections_) {
      if (section.is_on_device) {
        run_on_device(section);
      } else {
        for (std::size_t s = section.first; s < section.last; ++s)
          run_on_host(s);
      }
    }
    stream().wait();
    has_run_ = true;
    const auto* const failures = reinterpret_cast<const std::int32_t*>(seen_failures_.get());
    check_failures(*program_, {failures, program_->steps.size()});
    return take_outputs();
  }

  std::vector<double> time_steps(std::span<const Datum> inputs) override {
    using Clock = std::chrono::steady_clock;
    put_inputs(inputs);
    add_head();
    std::vector<double> seconds;
    for (std::size_t s = 0; s < program_->steps.size(); ++s) {
      stream().wait();
      const Clock::time_point start = Clock::now();
      if (calls_[s]) {
        calls_[s]->run();
        streams_.of(s).wait();
      } else {
        run_on_host(s);
      }
      seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    }
    return seconds;
  }

 private:
  const Step& steps(std::size_t s) const { return program_->steps[s]; }
  GpuStream& stream() { return streams_.main(); }
  std::byte* address(Slot slot) const { return places_.address(slot); }

  std::size_t failure_bytes() const { return program_->steps.size() * sizeof(std::int32_t); }

  // ---- sections ----

  // The first and the last are of the device: they bring the inputs there and the outputs back.
  void find_sections() {
    sections_.push_back({0, 0, true, nullptr});
    for (std::size_t s = 0; s < program_->steps.size(); ++s) {
      if (sections_.back().is_on_device != is_on_device(steps(s)))
        sections_.push_back({s, s, is_on_device(steps(s)), nullptr});
      sections_.back().last = s + 1;
    }
    const std::size_t end = program_->steps.size();
    if (!sections_.back().is_on_device) sections_.push_back({end, end, true, nullptr});
  }

  // The first run launches one by one: drivers load kernels then, which they cannot do while work
  // is captured.
  void run_on_device(Section& section) {
    if (!has_run_) return add_work(section);
    if (!section.graph) section.graph = capture(stream(), [&] { add_work(section); });
    stream().replay(*section.graph);
  }

  void add_work(const Section& section) {
    if (&section == &sections_.front()) add_head();
    streams_.add(section.first, section.last, calls_);
    if (&section == &sections_.back()) add_tail();
  }

  void add_head() {
    stream().clear(failures_.get(), failure_bytes());
    for (std::size_t i = 0; i < program_->inputs.size(); ++i) {
      if (!inputs_.is_staged(i)) continue;
      const std::span<const std::byte> bytes = inputs_.bytes(i);
      stream().upload(address(program_->inputs[i]), bytes.data(), bytes.size());
    }
  }

  void add_tail() {
    stream().download(seen_failures_.get(), failures_.get(), failure_bytes());
    for (std::size_t i = 0; i < program_->outputs.size(); ++i) {
      if (!outputs_.is_staged(i)) continue;
      const std::span<std::byte> bytes = outputs_.bytes(i);
      stream().download(bytes.data(), address(program_->outputs[i]), bytes.size());
    }
  }

  // ---- the host's part ----

  void run_on_host(std::size_t s) {
    const auto for_each_in_arena = [&](const std::vector<Slot>& slots, const auto& copy) {
      for (const Slot slot : slots) {
        if (slot == kNoSlot) continue;
        const Residence& value = program_->value(slot);
        if (value.kind != Residence::Kind::Arena) continue;
        copy(slot, Tensor::weightless(value.dtype, value.dims).bytes());
      }
    };
    for_each_in_arena(steps(s).inputs, [&](Slot slot, std::size_t bytes) {
      stream().download(host_.address(slot), address(slot), bytes);
    });
    stream().wait();
    run_step(s, host_);
    for_each_in_arena(steps(s).outputs, [&](Slot slot, std::size_t bytes) {
      stream().upload(address(slot), host_.address(slot), bytes);
    });
    stream().wait();
  }

  void put_inputs(std::span<const Datum> inputs) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (!inputs_.is_staged(i)) {
        host_.put(program_->inputs[i], inputs[i]);
        continue;
      }
      const Tensor& tensor = inputs[i].tensor();
      const std::span<std::byte> bytes = inputs_.bytes(i);
      BRAID_ASSERT(tensor.bytes() == bytes.size(), "a Program is made for the dims of its inputs");
      auto to = bytes.begin();
      tensor.for_each_piece([&](std::span<const std::byte> piece) {
        to = std::copy(piece.begin(), piece.end(), to);
      });
    }
  }

  std::vector<Datum> take_outputs() const {
    std::vector<Datum> outputs;
    for (std::size_t i = 0; i < program_->outputs.size(); ++i) {
      if (!outputs_.is_staged(i)) {
        outputs.push_back(host_.take(program_->outputs[i]));
        continue;
      }
      const Residence& value = program_->value(program_->outputs[i]);
      Tensor tensor = Tensor::allocate(value.dtype, value.dims);
      std::ranges::copy(outputs_.bytes(i), tensor.mutable_raw().begin());
      outputs.emplace_back(std::move(tensor));
    }
    return outputs;
  }

  std::shared_ptr<const Program> program_;
  Frame host_;  // its arena has room for the operands of steps on the host
  std::shared_ptr<std::byte> arena_;
  std::shared_ptr<std::byte> failures_;  // by step
  std::shared_ptr<std::byte> seen_failures_;
  Staging inputs_;
  Staging outputs_;
  DevicePlaces places_;
  StepStreams streams_;
  DeviceCalls calls_;
  std::vector<Section> sections_;
  bool has_run_ = false;
};

}  // namespace

std::unique_ptr<Runner> make_device_runner(Gpu& gpu, std::shared_ptr<const Program> program,
                                           Arena arena) {
  const bool needs_device = std::any_of(program->steps.begin(), program->steps.end(), is_on_device);
  if (!needs_device) return make_host_runner(std::move(program), std::move(arena));
  return std::make_unique<DeviceRunner>(gpu, std::move(program), std::move(arena));
}

}  // namespace braid
