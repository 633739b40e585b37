#pragma once

#include <dnnl.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plan/packed_weights.hpp"
#include "runtime/kernel.hpp"
#include "runtime/thread_limit.hpp"

/// What all bindings to oneDNN share. Measured with oneDNN 2.6; what 3 spells in another way is in
/// onednn_version.hpp.
namespace braid::onednn {

/// The processor.
const dnnl::engine& engine();

/// Nothing if oneDNN does not compute with the type here.
std::optional<dnnl::memory::data_type> data_type(DType dtype);

/// Row-major. The type must be known to data_type().
dnnl::memory::desc plain(DType dtype, const std::vector<std::int64_t>& dims);

/// Like plain(), but in whatever layout suits the primitive.
dnnl::memory::desc any(DType dtype, const std::vector<std::int64_t>& dims);

/// `count` matrices that lie one behind the other in a constant, from the byte `offset` on, each
/// read as `from`: in the layout `to`, the starts `packed_step(to)` bytes apart.
PackedWeights::Bytes pack(const Tensor& weight, std::size_t offset, std::int64_t count,
                          const dnnl::memory::desc& from, const dnnl::memory::desc& to,
                          PackedWeights& weights);
std::size_t packed_step(const dnnl::memory::desc& to);

/// Rows of a float matrix: `repeats` times `count` rows of `length` elements, the first of which
/// are `step` rows apart.
struct Rows {
  std::int64_t length = 0;
  std::int64_t first = 0;
  std::int64_t count = 0;
  std::int64_t step = 0;
  std::int64_t repeats = 1;

  std::int64_t total() const { return count * repeats; }
};

/// Those rows of a weight as the columns of a matrix in the layout `to`.
PackedWeights::Bytes pack_rows(const Tensor& weight, const Rows& rows, const dnnl::memory::desc& to,
                               PackedWeights& weights);

/// How primitives use the threads that there are.
enum class Schedule {
  OneThread,   ///< one after the other, each on the calling thread
  AllThreads,  ///< one after the other, each on all threads
  SideBySide,  ///< each on one thread, several at once
};

/// What suits `count` primitives of `operations` floating-point operations each.
Schedule schedule_for(double operations, std::int64_t count = 1);

/// Makes primitives for a schedule while it lives: they are made for a number of threads.
inline ThreadLimit limit_for(Schedule schedule) {
  return ThreadLimit(schedule == Schedule::AllThreads ? 0 : 1);
}

/// Where a primitive finds an operand.
struct Argument {
  enum class Source { Input, Output, Workspace, Packed };
  int id = 0;  ///< DNNL_ARG_...
  dnnl::memory::desc layout;
  Source source = Source::Input;
  std::size_t index = 0;        ///< of the step's input or output
  std::size_t offset = 0;       ///< bytes
  PackedWeights::Bytes packed;  ///< for Source::Packed
};

/// One or several primitives, of which none reads what a later one writes; those that run side by
/// side have nothing to do with each other.
class Kernel final : public BoundKernel {
 public:
  /// The primitives are made under limit_for(schedule).
  Kernel(std::string name, std::size_t input_count, Schedule schedule)
      : name_(std::move(name)), schedule_(schedule), reads_(input_count, false) {}

  void add(const dnnl::primitive& primitive, std::vector<Argument> arguments);

  /// The first output starts as this input, whose memory it has.
  void overwrite(std::size_t input);

  /// Memory behind the operands, for Source::Workspace; returns its offset.
  std::size_t add_workspace(std::size_t bytes);

  std::string name() const override;
  bool reads(std::size_t input) const override { return reads_[input]; }
  std::optional<std::size_t> overwrites() const override { return overwritten_; }
  std::size_t workspace_bytes() const override { return workspace_bytes_; }
  std::unique_ptr<PreparedCall> prepare(Operands operands) const override;

 private:
  struct Execution {
    dnnl::primitive primitive;
    std::vector<Argument> arguments;
  };
  class Call;

  std::string name_;
  Schedule schedule_;
  std::vector<bool> reads_;
  std::optional<std::size_t> overwritten_;
  std::vector<Execution> executions_;
  std::size_t workspace_bytes_ = 0;
};

}  // namespace braid::onednn
