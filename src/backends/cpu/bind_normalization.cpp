// Normalisations of rows (LayerNormalization and its kin) and of channels (BatchNormalization and
// its kin), where nothing but Y is asked for.

#include <numeric>

#include "backends/cpu/bind.hpp"
#include "kernels/cpu/normalise.hpp"

namespace braid {
namespace {

using Dims = std::vector<std::int64_t>;

std::int64_t product(Dims::const_iterator first, Dims::const_iterator last) {
  return std::accumulate(first, last, std::int64_t{1}, std::multiplies<>());
}

std::int64_t size_of(const Operand& operand) {
  return product(operand.dims.begin(), operand.dims.end());
}

const float* input(const BoundKernel::Operands& operands, std::size_t i) {
  return i < operands.inputs.size() ? reinterpret_cast<const float*>(operands.inputs[i]) : nullptr;
}

float* output(const BoundKernel::Operands& operands, std::size_t i) {
  return i < operands.outputs.size() ? reinterpret_cast<float*>(operands.outputs[i]) : nullptr;
}

// Whether all operands that are there are floats, and none has an output behind the first
// `outputs`.
bool are_floats(const Operator& op, std::size_t outputs) {
  for (const Operand& operand : op.inputs) {
    if (!operand.is_absent() && operand.dtype != DType::Float32) return false;
  }
  for (std::size_t i = 0; i < op.outputs.size(); ++i) {
    const Operand& operand = op.outputs[i];
    if (!operand.is_absent() && (i >= outputs || operand.dtype != DType::Float32)) return false;
  }
  return true;
}

// ---- rows ----

class NormaliseRowsKernel final : public PlainKernel {
 public:
  explicit NormaliseRowsKernel(cpu::NormaliseRows size) : size_(size) {}

  std::string name() const override { return "normalise_rows"; }

  void run(const Operands& operands) const override {
    cpu::normalise_rows(size_, input(operands, 0), input(operands, 1), input(operands, 2),
                        output(operands, 0));
  }

 private:
  cpu::NormaliseRows size_;
};

class NormaliseSumsKernel final : public PlainKernel {
 public:
  explicit NormaliseSumsKernel(cpu::NormaliseRows size) : size_(size) {}

  std::string name() const override { return "normalise_sums"; }

  void run(const Operands& operands) const override {
    cpu::normalise_sums(size_, input(operands, 0), input(operands, 1), input(operands, 4),
                        input(operands, 2), input(operands, 3), output(operands, 1),
                        output(operands, 0));
  }

 private:
  cpu::NormaliseRows size_;
};

// Rows from the axis on, of which parameters have one element each.
std::optional<cpu::NormaliseRows> rows_of(const Operator& op, bool is_centred) {
  const Dims& dims = op.inputs[0].dims;
  auto axis = op.attributes.get_int("axis", -1);
  if (axis < 0) axis += static_cast<std::int64_t>(dims.size());
  if (axis < 0 || axis >= static_cast<std::int64_t>(dims.size())) return std::nullopt;
  const auto at = dims.begin() + axis;
  return cpu::NormaliseRows{product(dims.begin(), at), product(at, dims.end()),
                            op.attributes.get_float("epsilon", 1e-5F), is_centred};
}

// Whether the parameters among the inputs `first` to `last` are as long as a row. One that differs
// from row to row is longer.
bool are_rows(const Operator& op, std::size_t first, std::size_t last, std::int64_t length) {
  for (std::size_t i = first; i <= last; ++i) {
    if (op.has_input(i) && size_of(op.inputs[i]) != length) return false;
  }
  return true;
}

// ---- channels ----

class ScaleChannelsKernel final : public PlainKernel {
 public:
  ScaleChannelsKernel(cpu::Channels size, float epsilon) : size_(size), epsilon_(epsilon) {}

  std::string name() const override { return "scale_channels"; }

  std::size_t workspace_bytes() const override {
    return 2 * static_cast<std::size_t>(size_.channels) * sizeof(float);
  }

  void run(const Operands& operands) const override {
    auto* const factor = reinterpret_cast<float*>(operands.workspace);
    float* const shift = factor + size_.channels;
    cpu::fold_statistics(size_.channels, epsilon_, input(operands, 1), input(operands, 2),
                         input(operands, 3), input(operands, 4), factor, shift);
    cpu::scale_channels(size_, input(operands, 0), factor, shift, output(operands, 0));
  }

 private:
  cpu::Channels size_;
  float epsilon_;
};

class NormaliseGroupsKernel final : public PlainKernel {
 public:
  NormaliseGroupsKernel(cpu::Channels size, std::int64_t groups, std::int64_t shared, float epsilon)
      : size_(size), groups_(groups), shared_(shared), epsilon_(epsilon) {}

  std::string name() const override { return "normalise_groups"; }

  void run(const Operands& operands) const override {
    cpu::normalise_groups(size_, groups_, shared_, epsilon_, input(operands, 0), input(operands, 1),
                          input(operands, 2), output(operands, 0));
  }

 private:
  cpu::Channels size_;
  std::int64_t groups_;
  std::int64_t shared_;
  float epsilon_;
};

cpu::Channels channels_of(const Operator& op) {
  const Dims& dims = op.inputs[0].dims;
  return {dims[0], dims[1], product(dims.begin() + 2, dims.end())};
}

// `shared` channels have one scale and bias.
std::unique_ptr<const BoundKernel> bind_groups(const Operator& op, std::int64_t groups,
                                               std::int64_t shared) {
  if (!are_floats(op, 1) || op.inputs[0].dims.size() < 2 || size_of(op.inputs[0]) == 0)
    return nullptr;
  const cpu::Channels size = channels_of(op);
  const float epsilon = op.attributes.get_float("epsilon", 1e-5F);
  return std::make_unique<NormaliseGroupsKernel>(size, groups, shared, epsilon);
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_layer_normalization(const Operator& op,
                                                            PackedWeights& /*weights*/) {
  const auto size = rows_of(op, op.name == "LayerNormalization");
  const bool is_bound = size && are_floats(op, 1) && are_rows(op, 1, 2, size->length);
  return is_bound ? std::make_unique<NormaliseRowsKernel>(*size) : nullptr;
}

std::unique_ptr<const BoundKernel> bind_skip_layer_normalization(const Operator& op,
                                                                 PackedWeights& /*weights*/) {
  const auto size = rows_of(op, true);
  const bool is_bound = size && are_floats(op, 2) && are_rows(op, 2, 4, size->length) &&
                        op.inputs[1].dims == op.inputs[0].dims;
  return is_bound ? std::make_unique<NormaliseSumsKernel>(*size) : nullptr;
}

std::unique_ptr<const BoundKernel> bind_batch_normalization(const Operator& op,
                                                            PackedWeights& /*weights*/) {
  const bool is_inference = op.attributes.get_int("training_mode", 0) == 0 &&
                            op.attributes.get_int("spatial", 1) == 1 && op.opset >= 7;
  if (!is_inference || !are_floats(op, 1) || op.inputs[0].dims.size() < 2) return nullptr;
  const float epsilon = op.attributes.get_float("epsilon", 1e-5F);
  return std::make_unique<ScaleChannelsKernel>(channels_of(op), epsilon);
}

std::unique_ptr<const BoundKernel> bind_instance_normalization(const Operator& op,
                                                               PackedWeights& /*weights*/) {
  const std::int64_t channels = op.inputs[0].dims.size() < 2 ? 1 : op.inputs[0].dims[1];
  return bind_groups(op, channels, 1);
}

std::unique_ptr<const BoundKernel> bind_group_normalization(const Operator& op,
                                                            PackedWeights& /*weights*/) {
  if (op.inputs[0].dims.size() < 2) return nullptr;
  const std::int64_t channels = op.inputs[0].dims[1];
  const std::int64_t groups = op.attributes.get_int("num_groups", 0);
  if (groups < 1 || channels % groups != 0) return nullptr;
  // Scale and bias were per group in opset 18, and are per channel since.
  return bind_groups(op, groups, op.opset < 21 ? channels / groups : 1);
}

}  // namespace braid
