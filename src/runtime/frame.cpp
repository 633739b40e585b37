#include "runtime/frame.hpp"

#include <cstring>
#include <new>

#include "runtime/plan_failure.hpp"
#include "support/assert.hpp"
#include "support/operand.hpp"

namespace braid {
namespace {

constexpr std::align_val_t kAlignment{64};  // of a cache line, and of the widest vectors

}  // namespace

Arena allocate_arena(std::size_t bytes) {
  auto* const memory = static_cast<std::byte*>(::operator new(bytes, kAlignment));
  return {memory, [](std::byte* p) { ::operator delete(p, kAlignment); }};
}

Frame::Frame(std::shared_ptr<const Program> program, Arena arena)
    : program_(std::move(program)), arena_(std::move(arena)), loose_(program_->values.size()) {
  for (const Step& step : program_->steps) {
    const bool is_called = step.bound && !step.bound->is_on_device();
    calls_.push_back(is_called ? step.bound->prepare(operands_of(step)) : nullptr);
  }
}

// Of values that have a place.
std::byte* Frame::address(Slot slot) const {
  const Residence& value = program_->value(slot);
  if (value.kind == Residence::Kind::Arena) return arena_.get() + value.offset;
  // Constants are read only, but a Tensor borrows any memory.
  const std::span<const std::byte> bytes = program_->constants[value.index].raw();
  return const_cast<std::byte*>(bytes.data()) + value.offset;
}

BoundKernel::Operands Frame::operands_of(const Step& step) const {
  BoundKernel::Operands operands;
  for (std::size_t i = 0; i < step.inputs.size(); ++i) {
    const bool is_read = step.inputs[i] != kNoSlot && step.bound->reads(i);
    operands.inputs.push_back(is_read ? address(step.inputs[i]) : nullptr);
  }
  for (const Slot slot : step.outputs)
    operands.outputs.push_back(slot == kNoSlot ? nullptr : address(slot));
  operands.workspace = arena_.get() + step.workspace;
  return operands;
}

Datum Frame::view(Slot slot) const {
  if (slot == kNoSlot) return {};
  const Residence& value = program_->value(slot);
  if (value.kind == Residence::Kind::Loose) return loose_[static_cast<std::size_t>(slot)];
  if (value.kind == Residence::Kind::Constant) {
    const Tensor& constant = program_->constants[value.index];
    if (value.offset == 0 && value.dims == constant.dims()) return constant;
  }
  const std::size_t bytes = Tensor::weightless(value.dtype, value.dims).bytes();
  const bool is_constant = value.kind == Residence::Kind::Constant;
  const std::shared_ptr<const void> owner =
      is_constant ? std::shared_ptr<const void>(program_) : std::shared_ptr<const void>(arena_);
  return Tensor::borrow(value.dtype, value.dims, {address(slot), bytes}, owner);
}

Datum Frame::take(Slot slot) const {
  const Residence& value = program_->value(slot);
  if (value.kind != Residence::Kind::Arena) return view(slot);
  Tensor tensor = Tensor::allocate(value.dtype, value.dims);
  const std::span<std::byte> bytes = tensor.mutable_raw();
  if (!bytes.empty()) std::memcpy(bytes.data(), address(slot), bytes.size());
  return tensor;
}

void Frame::put(Slot slot, const Datum& datum) {
  const Residence& value = program_->value(slot);
  if (value.kind == Residence::Kind::Loose) {
    loose_[static_cast<std::size_t>(slot)] = as_operand(datum);
    return;
  }
  BRAID_ASSERT(value.kind == Residence::Kind::Arena, "constants are not written");
  const Tensor& tensor = datum.tensor();
  if (tensor.dtype() != value.dtype || tensor.dims() != value.dims) {
    throw PlanFailure("yields " + describe(tensor) + ", but was inferred to yield " +
                      describe(Tensor::weightless(value.dtype, value.dims)));
  }
  std::byte* to = address(slot);
  tensor.for_each_piece([&](std::span<const std::byte> piece) {
    if (!piece.empty()) std::memcpy(to, piece.data(), piece.size());
    to += piece.size();
  });
}

}  // namespace braid
