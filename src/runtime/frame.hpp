#pragma once

#include <memory>
#include <vector>

#include "runtime/program.hpp"

namespace braid {

/// The memory of one run: an arena, the tensors of loose values, and the calls that read and write
/// them. Used by one thread at a time, and again for the next run.
class Frame {
 public:
  explicit Frame(std::shared_ptr<const Program> program);

  const Program& program() const { return *program_; }

  /// Runs step `s`, which is bound.
  void run_bound(std::size_t s) { calls_[s]->run(); }

  /// The value as a tensor that shares its memory, valid until that is used again.
  Tensor view(Slot slot) const;

  /// The value as a tensor of its own.
  Tensor take(Slot slot) const;

  /// Stores what a kernel or the caller has made. Throws PlanFailure.
  void put(Slot slot, const Tensor& tensor);
  void free(Slot slot) { loose_[static_cast<std::size_t>(slot)] = {}; }

 private:
  std::byte* address(Slot slot) const;
  BoundKernel::Operands operands_of(const Step& step) const;

  std::shared_ptr<const Program> program_;
  std::shared_ptr<std::byte> arena_;
  std::vector<Tensor> loose_;                         // by slot
  std::vector<std::unique_ptr<PreparedCall>> calls_;  // by step
};

}  // namespace braid
