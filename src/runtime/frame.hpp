#pragma once

#include <memory>
#include <vector>

#include "runtime/program.hpp"

namespace braid {

/// Memory for what a Program computes, aligned to 64 bytes.
using Arena = std::shared_ptr<std::byte>;
Arena allocate_arena(std::size_t bytes);

/// The memory that one run has on the host: an arena, the data of loose values, and the calls that
/// read and write them. Used by one thread at a time, and again for the next run.
class Frame {
 public:
  /// The arena has at least program->arena_bytes; frames that never run at the same time may share
  /// one.
  Frame(std::shared_ptr<const Program> program, Arena arena);

  const Program& program() const { return *program_; }

  /// Runs step `s`, which is bound to a kernel of the host.
  void run_bound(std::size_t s) { calls_[s]->run(); }

  /// The value; a tensor in the arena shares its memory, valid until that is used again.
  Datum view(Slot slot) const;

  /// The value, with memory of its own.
  Datum take(Slot slot) const;

  /// Stores what a kernel or the caller has made. Throws PlanFailure.
  void put(Slot slot, const Datum& datum);
  void free(Slot slot) { loose_[static_cast<std::size_t>(slot)] = {}; }

  /// Of a value in the arena or of a constant.
  std::byte* address(Slot slot) const;

 private:
  BoundKernel::Operands operands_of(const Step& step) const;

  std::shared_ptr<const Program> program_;
  Arena arena_;
  std::vector<Datum> loose_;                          // by slot
  std::vector<std::unique_ptr<PreparedCall>> calls_;  // by step
};

}  // namespace braid
