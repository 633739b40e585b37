// Gather, Scatter and their kin: indices are turned into offsets in the workspace, then blocks
// move.

#include <cstring>
#include <functional>

#include "backends/cpu/bind.hpp"
#include "backends/operands.hpp"
#include "braid/error.hpp"
#include "kernels/cpu/gather.hpp"
#include "kernels/cpu/strided_copy.hpp"

namespace braid {
namespace {

using Dims = std::vector<std::int64_t>;

[[noreturn]] void refuse(cpu::BadIndex bad) {
  throw Error(ErrorKind::BadInput, "index " + std::to_string(bad.index) +
                                       " is out of range for a dimension of " +
                                       std::to_string(bad.dim));
}

// What all have in common: data as input 0, indices as input 1, and the type of the output.
struct Indexed {
  std::int64_t width = 0;
  bool is_wide = false;
  std::int64_t index_count = 0;

  cpu::Indices indices(const std::byte* data) const { return {data, is_wide, index_count}; }
};

std::optional<Indexed> indexed(const Operator& op) {
  const DType indices = op.inputs[1].dtype;
  const std::int64_t width = element_width(op.inputs[0].dtype);
  const bool is_int = indices == DType::Int64 || indices == DType::Int32;
  if (width == 0 || !is_int || op.outputs[0].dtype != op.inputs[0].dtype) return std::nullopt;
  return Indexed{width, indices == DType::Int64, product(op.inputs[1].dims)};
}

class Gather final : public PlainKernel {
 public:
  Gather(const Indexed& common, const Dims& dims, std::size_t axis)
      : common_(common),
        outer_(product(dims, 0, axis)),
        dim_(dims[axis]),
        block_(product(dims, axis + 1, dims.size())) {}

  std::string name() const override { return "cpu gather"; }
  bool takes_any_alignment(std::size_t input) const override { return input == 0; }
  std::size_t workspace_bytes() const override {
    return static_cast<std::size_t>(common_.index_count) * sizeof(std::int64_t);
  }

  void run(const Operands& operands) const override {
    auto* const places = reinterpret_cast<std::int64_t*>(operands.workspace);
    if (const auto bad = cpu::find_places(common_.indices(operands.inputs[1]), dim_, places)) {
      refuse({*bad, dim_});
    }
    cpu::gather(operands.inputs[0], outer_, dim_, places, common_.index_count,
                {common_.width, block_}, operands.outputs[0]);
  }

 private:
  Indexed common_;
  std::int64_t outer_;
  std::int64_t dim_;
  std::int64_t block_;
};

/// How an operator's indices name offsets in its data: by tuples, or along one axis.
class Offsets {
 public:
  static Offsets of_tuples(const Indexed& common, const Dims& data, const Dims& indices,
                           std::size_t batch_dims) {
    Offsets result(common);
    const Dims strides = strides_of(data);
    const std::size_t end = batch_dims + static_cast<std::size_t>(indices.back());
    for (std::size_t d = batch_dims; d < end; ++d) {
      result.tuples_.dims.push_back(data[d]);
      result.tuples_.strides.push_back(strides[d]);
    }
    result.tuples_.batches = product(data, 0, batch_dims);
    result.tuples_.batch_size = product(data, batch_dims, data.size());
    result.count_ = product(indices, 0, indices.size() - 1);
    result.block_ = product(data, end, data.size());
    return result;
  }

  static Offsets along_axis(const Indexed& common, const Dims& data, Dims indices,
                            std::size_t axis) {
    Offsets result(common);
    result.strides_ = strides_of(data);
    result.step_ = std::exchange(result.strides_[axis], 0);
    result.dim_ = data[axis];
    result.dims_ = std::move(indices);
    result.count_ = common.index_count;
    return result;
  }

  std::int64_t count() const { return count_; }
  cpu::Blocks blocks() const { return {common_.width, block_}; }
  std::size_t bytes() const { return static_cast<std::size_t>(count_) * sizeof(std::int64_t); }

  const std::int64_t* find(const BoundKernel::Operands& operands) const {
    auto* const offsets = reinterpret_cast<std::int64_t*>(operands.workspace);
    const cpu::Indices indices = common_.indices(operands.inputs[1]);
    if (dims_.empty()) {
      if (const auto bad = cpu::find_tuple_offsets(indices, tuples_, offsets)) refuse(*bad);
    } else {
      if (const auto bad = cpu::find_places(indices, dim_, offsets)) refuse({*bad, dim_});
      cpu::places_to_offsets(dims_, strides_, step_, offsets);
    }
    return offsets;
  }

 private:
  explicit Offsets(const Indexed& common) : common_(common) {}

  Indexed common_;
  std::int64_t count_ = 0;
  std::int64_t block_ = 1;
  cpu::Tuples tuples_;
  Dims dims_;  // of the indices; empty for tuples
  Dims strides_;
  std::int64_t step_ = 0;
  std::int64_t dim_ = 0;
};

class GatherAt final : public PlainKernel {
 public:
  explicit GatherAt(Offsets offsets) : offsets_(std::move(offsets)) {}

  std::string name() const override { return "cpu gather"; }
  std::size_t workspace_bytes() const override { return offsets_.bytes(); }

  void run(const Operands& operands) const override {
    const std::int64_t* const offsets = offsets_.find(operands);
    cpu::gather_at(operands.inputs[0], offsets, offsets_.count(), offsets_.blocks(),
                   operands.outputs[0]);
  }

 private:
  Offsets offsets_;
};

class ScatterAt final : public PlainKernel {
 public:
  ScatterAt(Offsets offsets, std::int64_t size)
      : offsets_(std::move(offsets)), data_{{{size, 1, 1}}, 0, 0} {}

  std::string name() const override { return "cpu scatter"; }
  std::size_t workspace_bytes() const override { return offsets_.bytes(); }

  void run(const Operands& operands) const override {
    const std::int64_t* const offsets = offsets_.find(operands);
    cpu::copy_strided(data_, offsets_.blocks().width, operands.inputs[0], operands.outputs[0]);
    cpu::scatter_at(operands.inputs[2], offsets, offsets_.count(), offsets_.blocks(),
                    operands.outputs[0]);
  }

 private:
  Offsets offsets_;
  cpu::StridedCopy data_;
};

std::optional<Offsets> axis_offsets(const Operator& op) {
  const auto common = indexed(op);
  const Dims& data = op.inputs[0].dims;
  const Dims& indices = op.inputs[1].dims;
  const auto axis = axis_of(op.attributes.get_int("axis", 0), data.size());
  if (!common || !axis || indices.size() != data.size()) return std::nullopt;
  for (std::size_t d = 0; d < data.size(); ++d) {
    if (d != *axis && indices[d] > data[d]) return std::nullopt;
  }
  return Offsets::along_axis(*common, data, indices, *axis);
}

std::optional<Offsets> tuple_offsets(const Operator& op, std::int64_t batch_dims) {
  const auto common = indexed(op);
  const Dims& data = op.inputs[0].dims;
  const Dims& indices = op.inputs[1].dims;
  if (!common || data.empty() || indices.empty() || batch_dims < 0) return std::nullopt;
  const auto batch = static_cast<std::size_t>(batch_dims);
  const std::int64_t indexed_axes = batch_dims + indices.back();
  if (batch >= std::min(data.size(), indices.size()) || indices.back() == 0 ||
      indexed_axes > static_cast<std::int64_t>(data.size())) {
    return std::nullopt;
  }
  if (!std::equal(data.begin(), data.begin() + batch_dims, indices.begin())) return std::nullopt;
  return Offsets::of_tuples(*common, data, indices, batch);
}

bool is_empty(const Operator& op) {
  return product(op.inputs[0].dims) == 0 || product(op.inputs[1].dims) == 0;
}

std::unique_ptr<const BoundKernel> bind_scatter(const Operator& op,
                                                std::optional<Offsets> offsets) {
  const bool has_other_type = op.inputs[2].dtype != op.inputs[0].dtype;
  const bool reduces = op.attributes.get_string("reduction", "none") != "none";
  if (!offsets || has_other_type || reduces) return nullptr;
  if (product(op.inputs[2].dims) != offsets->count() * offsets->blocks().block) return nullptr;
  return std::make_unique<ScatterAt>(std::move(*offsets), product(op.inputs[0].dims));
}

}  // namespace

std::unique_ptr<const BoundKernel> bind_gather(const Operator& op, PackedWeights&) {
  const auto common = indexed(op);
  const Dims& dims = op.inputs[0].dims;
  const auto axis = axis_of(op.attributes.get_int("axis", 0), dims.size());
  if (!common || !axis || is_empty(op)) return nullptr;
  if (product(op.outputs[0].dims) != product(dims) / dims[*axis] * common->index_count)
    return nullptr;
  return std::make_unique<Gather>(*common, dims, *axis);
}

std::unique_ptr<const BoundKernel> bind_gather_elements(const Operator& op, PackedWeights&) {
  auto offsets = axis_offsets(op);
  if (!offsets || is_empty(op) || op.outputs[0].dims != op.inputs[1].dims) return nullptr;
  return std::make_unique<GatherAt>(std::move(*offsets));
}

std::unique_ptr<const BoundKernel> bind_gather_nd(const Operator& op, PackedWeights&) {
  if (is_empty(op)) return nullptr;
  auto offsets = tuple_offsets(op, op.attributes.get_int("batch_dims", 0));
  if (!offsets) return nullptr;
  if (product(op.outputs[0].dims) != offsets->count() * offsets->blocks().block) return nullptr;
  return std::make_unique<GatherAt>(std::move(*offsets));
}

std::unique_ptr<const BoundKernel> bind_scatter_elements(const Operator& op, PackedWeights&) {
  return is_empty(op) ? nullptr : bind_scatter(op, axis_offsets(op));
}

std::unique_ptr<const BoundKernel> bind_scatter_nd(const Operator& op, PackedWeights&) {
  return is_empty(op) ? nullptr : bind_scatter(op, tuple_offsets(op, 0));
}

}  // namespace braid
