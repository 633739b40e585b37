#include "backends/cpu/onednn.hpp"

#include <omp.h>

#include <cstring>

#include "backends/cpu/onednn_version.hpp"
#include "support/assert.hpp"

namespace braid::onednn {
namespace {

constexpr std::size_t kAlignment = 64;

std::size_t aligned(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

const dnnl::engine& engine() {
  static const dnnl::engine processor(dnnl::engine::kind::cpu, 0);
  return processor;
}

std::optional<dnnl::memory::data_type> data_type(DType dtype) {
  using Type = dnnl::memory::data_type;
  switch (dtype) {
    case DType::Float32:
      return Type::f32;
    case DType::BFloat16:
      return Type::bf16;
    default:
      return std::nullopt;
  }
}

dnnl::memory::desc plain(DType dtype, const std::vector<std::int64_t>& dims) {
  dnnl::memory::dims strides(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;)
    strides[i - 1] = strides[i] * dims[i];
  return {dims, *data_type(dtype), strides};
}

dnnl::memory::desc any(DType dtype, const std::vector<std::int64_t>& dims) {
  return {dims, *data_type(dtype), dnnl::memory::format_tag::any};
}

Schedule schedule_for(double operations, std::int64_t count) {
  constexpr double kWorthwhile = 1e6;  // some 10 microseconds of one core
  constexpr double kSmall = 1e7;       // so little that waking threads for each would show
  if (operations * static_cast<double>(count) < kWorthwhile) return Schedule::OneThread;
  const int threads = omp_get_max_threads();
  const bool is_even = count % threads == 0;
  const bool is_side_by_side = count > 1 && (is_even || operations < kSmall);
  return is_side_by_side ? Schedule::SideBySide : Schedule::AllThreads;
}

std::size_t packed_step(const dnnl::memory::desc& to) {
  return aligned(to.get_size());
}

PackedWeights::Bytes pack(const Tensor& weight, std::size_t offset, std::int64_t count,
                          const dnnl::memory::desc& from, const dnnl::memory::desc& to,
                          PackedWeights& weights) {
  const std::string format =
      "onednn " + std::to_string(offset) + " " + std::to_string(count) + key_of(from) + key_of(to);
  const std::size_t bytes = static_cast<std::size_t>(count) * packed_step(to);
  return weights.get(weight, format, bytes, [&](std::byte* target) {
    const Tensor source = weight.materialised();
    // Reorder reads only, but memory objects take any address.
    auto* const first = const_cast<std::byte*>(source.raw().data()) + offset;
    dnnl::memory input(from, engine(), first);
    dnnl::memory output(to, engine(), target);
    const dnnl::reorder reorder(input, output);
    dnnl::stream stream(engine());
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      input.set_data_handle(first + i * from.get_size());
      output.set_data_handle(target + i * packed_step(to));
      reorder.execute(stream, input, output);
      stream.wait();
    }
  });
}

PackedWeights::Bytes pack_rows(const Tensor& weight, const Rows& rows, const dnnl::memory::desc& to,
                               PackedWeights& weights) {
  std::string format = "onednn rows";
  for (const std::int64_t number : {rows.length, rows.first, rows.count, rows.step, rows.repeats})
    format += " " + std::to_string(number);
  return weights.get(weight, format + key_of(to), to.get_size(), [&](std::byte* target) {
    const Tensor source = weight.materialised();
    const std::size_t row = static_cast<std::size_t>(rows.length) * sizeof(float);
    const auto bytes = static_cast<std::size_t>(rows.count) * row;
    std::vector<float> gathered(static_cast<std::size_t>(rows.total() * rows.length));
    for (std::int64_t i = 0; i < rows.repeats; ++i) {
      const auto from = static_cast<std::size_t>(rows.first + i * rows.step) * row;
      std::memcpy(gathered.data() + i * rows.count * rows.length, source.raw().data() + from,
                  bytes);
    }
    const dnnl::memory::desc from({rows.length, rows.total()}, dnnl::memory::data_type::f32,
                                  dnnl::memory::dims{1, rows.length});
    dnnl::memory input(from, engine(), gathered.data());
    dnnl::memory output(to, engine(), target);
    dnnl::stream stream(engine());
    dnnl::reorder(input, output).execute(stream, input, output);
    stream.wait();
  });
}

std::string Kernel::name() const {
  if (executions_.size() <= 1) return name_;
  const std::string count = std::to_string(executions_.size());
  return name_ + " x" + count + (schedule_ == Schedule::SideBySide ? " side by side" : "");
}

void Kernel::add(const dnnl::primitive& primitive, std::vector<Argument> arguments) {
  for (const Argument& argument : arguments) {
    if (argument.source == Argument::Source::Input) reads_[argument.index] = true;
  }
  executions_.push_back({primitive, std::move(arguments)});
}

void Kernel::overwrite(std::size_t input) {
  reads_[input] = true;
  overwritten_ = input;
}

std::size_t Kernel::add_workspace(std::size_t bytes) {
  const std::size_t offset = workspace_bytes_;
  workspace_bytes_ += aligned(bytes);
  return offset;
}

class Kernel::Call final : public PreparedCall {
 public:
  Call(const Kernel& kernel, const Operands& operands)
      : schedule_(kernel.schedule_), stream_(engine()) {
    for (const Execution& execution : kernel.executions_) {
      Bound& bound = bound_.emplace_back();
      bound.primitive = execution.primitive.get();
      for (const Argument& argument : execution.arguments) {
        bound.memory.emplace_back(argument.layout, engine(), address(argument, operands));
        bound.arguments.push_back({argument.id, bound.memory.back().get()});
      }
    }
  }

  void run() override {
    if (schedule_ == Schedule::SideBySide) {
      run_side_by_side();
      return;
    }
    const ThreadLimit limit = limit_for(schedule_);
    for (const Bound& bound : bound_) {
      const dnnl_status_t status = execute(bound);
      dnnl::error::wrap_c_api(status, "a primitive could not be executed");
    }
  }

 private:
  struct Bound {
    const_dnnl_primitive_t primitive = nullptr;
    std::vector<dnnl::memory> memory;
    std::vector<dnnl_exec_arg_t> arguments;
  };

  dnnl_status_t execute(const Bound& bound) const {
    const auto count = static_cast<int>(bound.arguments.size());
    return dnnl_primitive_execute(bound.primitive, stream_.get(), count, bound.arguments.data());
  }

  // Every thread has the same primitives in each run, but goes through them the other way round:
  // the operands that it had last may still be in its cache.
  void run_side_by_side() {
    int failures = 0;  // no exception may leave the parallel region
#pragma omp parallel reduction(+ : failures)
    {
      const auto threads = static_cast<std::size_t>(omp_get_num_threads());
      const auto thread = static_cast<std::size_t>(omp_get_thread_num());
      const std::size_t first = bound_.size() * thread / threads;
      const std::size_t last = bound_.size() * (thread + 1) / threads;
      const ThreadLimit limit(1);
      for (std::size_t i = first; i < last; ++i) {
        const std::size_t next = is_backward_ ? last - 1 - (i - first) : i;
        if (execute(bound_[next]) != dnnl_success) ++failures;
      }
    }
    is_backward_ = !is_backward_;
    BRAID_ASSERT(failures == 0, "primitives that were made can be executed");
  }

  // Primitives write to outputs and workspace only, but memory objects take any address.
  static void* address(const Argument& argument, const Operands& operands) {
    switch (argument.source) {
      case Argument::Source::Input:
        return const_cast<std::byte*>(operands.inputs[argument.index]) + argument.offset;
      case Argument::Source::Output:
        return operands.outputs[argument.index] + argument.offset;
      case Argument::Source::Workspace:
        return operands.workspace + argument.offset;
      case Argument::Source::Packed:
        return const_cast<std::byte*>(argument.packed.get()) + argument.offset;
    }
    BRAID_ASSERT(false, "every source has an address");
  }

  Schedule schedule_;
  bool is_backward_ = false;
  dnnl::stream stream_;
  std::vector<Bound> bound_;
};

std::unique_ptr<PreparedCall> Kernel::prepare(Operands operands) const {
  return std::make_unique<Call>(*this, operands);
}

}  // namespace braid::onednn
