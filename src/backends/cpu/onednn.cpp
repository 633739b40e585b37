#include "backends/cpu/onednn.hpp"

#include <new>

#include "support/assert.hpp"

namespace braid::onednn {
namespace {

constexpr std::size_t kAlignment = 64;

std::shared_ptr<std::byte> allocate(std::size_t bytes) {
  constexpr std::align_val_t alignment{kAlignment};
  auto* const memory = static_cast<std::byte*>(::operator new(bytes, alignment));
  return {memory, [](std::byte* p) { ::operator delete(p, alignment); }};
}

// All that tells layouts apart, as text.
std::string key_of(const dnnl::memory::desc& layout) {
  return {reinterpret_cast<const char*>(&layout.data), sizeof(layout.data)};
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

std::shared_ptr<const void> pack(const Tensor& weight, std::size_t offset,
                                 const dnnl::memory::desc& from, const dnnl::memory::desc& to,
                                 PackedWeights& weights) {
  const std::string format = "onednn " + std::to_string(offset) + key_of(from) + key_of(to);
  return weights.get(weight, format, to.get_size(), [&] {
    const Tensor source = weight.materialised();
    std::shared_ptr<std::byte> packed = allocate(to.get_size());
    // Reorder reads only, but memory objects take any address.
    auto* const bytes = const_cast<std::byte*>(source.raw().data()) + offset;
    dnnl::memory input(from, engine(), bytes);
    dnnl::memory output(to, engine(), packed.get());
    dnnl::stream stream(engine());
    dnnl::reorder(input, output).execute(stream, input, output);
    stream.wait();
    return packed;
  });
}

void Kernel::add(const dnnl::primitive& primitive, std::vector<Argument> arguments) {
  for (const Argument& argument : arguments) {
    if (argument.source == Argument::Source::Input) reads_[argument.index] = true;
  }
  executions_.push_back({primitive, std::move(arguments)});
}

std::size_t Kernel::add_workspace(std::size_t bytes) {
  const std::size_t offset = workspace_bytes_;
  workspace_bytes_ += (bytes + kAlignment - 1) / kAlignment * kAlignment;
  return offset;
}

class Kernel::Call final : public PreparedCall {
 public:
  Call(const Kernel& kernel, const Operands& operands) : stream_(engine()) {
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
    for (const Bound& bound : bound_) {
      const auto count = static_cast<int>(bound.arguments.size());
      dnnl::error::wrap_c_api(
          dnnl_primitive_execute(bound.primitive, stream_.get(), count, bound.arguments.data()),
          "a primitive could not be executed");
    }
  }

 private:
  struct Bound {
    const_dnnl_primitive_t primitive = nullptr;
    std::vector<dnnl::memory> memory;
    std::vector<dnnl_exec_arg_t> arguments;
  };

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
        return const_cast<void*>(argument.packed.get());
    }
    BRAID_ASSERT(false, "every source has an address");
  }

  dnnl::stream stream_;
  std::vector<Bound> bound_;
};

std::unique_ptr<PreparedCall> Kernel::prepare(Operands operands) const {
  return std::make_unique<Call>(*this, operands);
}

}  // namespace braid::onednn
