// OneHot, Trilu and EyeLike.

#include <algorithm>

#include "backends/cpu/bind.hpp"
#include "backends/cpu/moves.hpp"
#include "backends/operands.hpp"
#include "kernels/cpu/indicator.hpp"
#include "kernels/reference/convert.hpp"

namespace braid {
namespace {

class OneHot final : public PlainKernel {
 public:
  OneHot(std::int64_t depth, std::int64_t inner, std::int64_t width, const Operand& indices)
      : depth_(depth),
        inner_(inner),
        width_(width),
        is_wide_(indices.dtype == DType::Int64),
        count_(product(indices.dims)) {}

  std::string name() const override { return "cpu one hot"; }
  bool reads(std::size_t input) const override { return input != 1; }

  void run(const Operands& operands) const override {
    cpu::one_hot({operands.inputs[0], is_wide_, count_}, depth_, inner_, width_, operands.inputs[2],
                 operands.outputs[0]);
  }

 private:
  std::int64_t depth_;
  std::int64_t inner_;
  std::int64_t width_;
  bool is_wide_;
  std::int64_t count_;
};

class Trilu final : public PlainKernel {
 public:
  explicit Trilu(const cpu::Triangles& triangles) : triangles_(triangles) {}

  std::string name() const override { return "cpu copy"; }
  bool reads(std::size_t input) const override { return input == 0; }

  void run(const Operands& operands) const override {
    cpu::keep_triangles(triangles_, operands.inputs[0], operands.outputs[0]);
  }

 private:
  cpu::Triangles triangles_;
};

}  // namespace

std::unique_ptr<const BoundKernel> bind_one_hot(const Operator& op, PackedWeights&) {
  const Operand& indices = op.inputs[0];
  const std::vector<std::int64_t>& dims = op.outputs[0].dims;
  const std::int64_t width = element_width(op.inputs[2].dtype);
  const bool is_int = indices.dtype == DType::Int64 || indices.dtype == DType::Int32;
  const auto axis = axis_of(op.attributes.get_int("axis", -1), indices.dims.size() + 1);
  if (width == 0 || !is_int || !axis || dims.size() != indices.dims.size() + 1 ||
      product(dims) == 0 || product(op.inputs[2].dims) != 2 ||
      op.outputs[0].dtype != op.inputs[2].dtype || op.inputs[1].constant == nullptr) {
    return nullptr;
  }
  const std::int64_t inner = product(dims, *axis + 1, dims.size());
  if (product(dims) != product(indices.dims) * dims[*axis]) return nullptr;
  return std::make_unique<OneHot>(dims[*axis], inner, width, indices);
}

std::unique_ptr<const BoundKernel> bind_trilu(const Operator& op, PackedWeights&) {
  const std::vector<std::int64_t>& dims = op.inputs[0].dims;
  const std::int64_t width = element_width(op.inputs[0].dtype);
  if (width == 0 || dims.size() < 2 || product(dims) == 0 || op.outputs[0].dims != dims)
    return nullptr;
  cpu::Triangles triangles;
  triangles.rows = dims[dims.size() - 2];
  triangles.columns = dims.back();
  triangles.matrices = product(dims, 0, dims.size() - 2);
  triangles.is_upper = op.attributes.get_int("upper", 1) != 0;
  triangles.width = width;
  if (op.has_input(1)) {
    const auto k = constant_ints(op, 1, "");
    if (!k || k->size() != 1) return nullptr;
    triangles.k = std::clamp((*k)[0], -triangles.rows - 1, triangles.columns + 1);
  }
  return std::make_unique<Trilu>(triangles);
}

std::unique_ptr<const BoundKernel> bind_eye_like(const Operator& op, PackedWeights&) {
  const Operand& output = op.outputs[0];
  const std::int64_t width = element_width(output.dtype);
  if (width == 0 || output.dims.size() != 2) return nullptr;
  const std::int64_t rows = output.dims[0];
  const std::int64_t columns = output.dims[1];
  std::vector<std::byte> choices(static_cast<std::size_t>(2 * width));  // 0 and 1
  const double one = 1.0;
  reference::store(output.dtype, choices.data(), 1, 1, 1, &one);
  Move zeros{Move::Source::Fill, 0, 0, copy_of({rows * columns}, {0})};
  const std::int64_t k =
      std::clamp(op.attributes.get_int("k", 0), -rows, columns);  // outside if one of these
  const std::int64_t first = std::max<std::int64_t>(0, -k);
  const std::int64_t last = std::min(rows, columns - k);
  Move ones{Move::Source::Fill, 0, 0,
            copy_of({std::max<std::int64_t>(0, last - first)}, {0}, {columns + 1})};
  ones.copy.from_offset = 1;
  ones.copy.to_offset = first * columns + first + k;
  return make_moves(width, op.inputs.size(), {std::move(zeros), std::move(ones)},
                    std::move(choices));
}

}  // namespace braid
