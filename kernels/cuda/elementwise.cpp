#include "kernels/cuda/elementwise.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <utility>

#include "kernels/cuda/launch.hpp"

namespace braid::cuda {
namespace {

constexpr int kNothing = -1;
constexpr int kChainThreads = 128;

bool is_predicate(ChainOp op) {
  return (op >= ChainOp::Equal && op <= ChainOp::LessOrEqual) || op == ChainOp::IsNaN ||
         op == ChainOp::IsInf;
}

/// Turns steps into instructions of a machine with one accumulator: what is needed next stays
/// there, what is needed later goes to a register.
class ChainCompiler {
 public:
  ChainCompiler(std::span<const ChainStep> steps, ChainArgs& args)
      : steps_(steps),
        args_(args),
        last_use_(steps.size(), kNothing),
        place_(steps.size(), kNothing) {
    for (int i = 0; i < static_cast<int>(steps.size()); ++i) {
      for (const int operand : {steps[i].x, steps[i].y, steps[i].z})
        if (operand >= kChainInputs) last_use_[operand - kChainInputs] = i;
    }
  }

  bool run() {
    args_.instructions = 0;
    args_.registers = 0;
    for (int i = 0; i < static_cast<int>(steps_.size()) && fits_; ++i) {
      compute(i);
      free_registers(i);
      const bool is_kept = last_use_[i] > i + 1 || (last_use_[i] == i + 1 && !is_taken_next(i));
      if (is_kept) keep(i);
    }
    return fits_;
  }

 private:
  /// Whether the next step finds its operand in the accumulator, and needs it only there.
  bool is_taken_next(int step) const {
    const ChainStep& next = steps_[step + 1];
    const int value = kChainInputs + step;
    if (next.op == ChainOp::Where) return next.x == value && next.y != value && next.z != value;
    return (next.x == value) != (next.y == value);
  }

  void compute(int step) {
    const ChainStep& s = steps_[step];
    const bool is_where = s.op == ChainOp::Where;
    const bool is_reversed = !is_where && s.y != kNothing && s.y == held_ && s.x != held_;
    if (!is_reversed && s.x != held_) emit({ChainOp::Load, false, operand(s.x)});
    ChainInstruction code{
        s.op, is_reversed, kNoOperand, kNoOperand, s.a, s.b, s.is_float && !is_where};
    if (s.y != kNothing) code.x = operand(is_reversed ? s.x : s.y);
    if (is_where) code.y = operand(s.z);
    if (s.op != ChainOp::Load) emit(code);
    if (s.is_float && is_predicate(s.op)) emit({ChainOp::ToInteger});
    held_ = kChainInputs + step;
  }

  std::uint8_t operand(int value) {
    if (value < kChainInputs) return static_cast<std::uint8_t>(value);
    return static_cast<std::uint8_t>(kChainInputs + place_[value - kChainInputs]);
  }

  void keep(int step) {
    const auto free = std::find(is_used_.begin(), is_used_.end(), false);
    fits_ = fits_ && free != is_used_.end();
    if (!fits_) return;
    *free = true;
    place_[step] = static_cast<int>(free - is_used_.begin());
    args_.registers = std::max(args_.registers, place_[step] + 1);
    emit({ChainOp::Store, false, static_cast<std::uint8_t>(place_[step])});
  }

  void free_registers(int step) {
    for (int i = 0; i < step; ++i)
      if (last_use_[i] == step && place_[i] != kNothing) is_used_[place_[i]] = false;
  }

  void emit(const ChainInstruction& code) {
    fits_ = fits_ && args_.instructions < kChainInstructions;
    if (fits_) args_.program[args_.instructions++] = code;
  }

  std::span<const ChainStep> steps_;
  ChainArgs& args_;
  std::vector<int> last_use_;
  std::vector<int> place_;  // the register of each step's result
  std::array<bool, kChainRegisters> is_used_{};
  int held_ = kNothing;  // what the accumulator holds
  bool fits_ = true;
};

using Strides = std::span<const std::vector<std::int64_t>>;

bool is_one_axis(Strides strides, std::size_t outer, std::size_t inner, std::int64_t size) {
  return std::ranges::all_of(strides, [&](const std::vector<std::int64_t>& input) {
    return input[outer] == input[inner] * size;
  });
}

}  // namespace

bool compile_chain(std::span<const ChainStep> steps, ChainArgs& args) {
  return ChainCompiler(steps, args).run();
}

bool shape_chain(std::span<const std::int64_t> dims, Strides strides, ChainArgs& args) {
  std::vector<std::pair<std::int64_t, std::size_t>> axes;  // size and dim, the innermost first
  std::int64_t count = 1;
  for (std::size_t dim = dims.size(); dim-- > 0;) {
    count *= dims[dim];
    if (dims[dim] == 1) continue;
    if (!axes.empty() && is_one_axis(strides, dim, axes.back().second, axes.back().first)) {
      axes.back().first *= dims[dim];
    } else {
      axes.emplace_back(dims[dim], dim);
    }
  }
  // A thread more than there are elements must still be countable.
  if (axes.size() > kChainAxes || count > std::numeric_limits<int>::max() - 4096) return false;
  args.count = static_cast<int>(count);
  args.axes = static_cast<int>(axes.size());
  for (std::size_t i = 0; i < strides.size(); ++i) {
    ChainInput& input = args.inputs[i];
    std::int64_t whole = 1;
    input.is_whole = true;
    for (std::size_t axis = 0; axis < axes.size(); ++axis) {
      const std::int64_t stride = strides[i][axes[axis].second];
      if (std::abs(stride) > std::numeric_limits<int>::max()) return false;
      input.strides[axis] = static_cast<int>(stride);
      input.is_whole = input.is_whole && stride == whole;
      whole *= axes[axis].first;
    }
  }
  for (std::size_t axis = 0; axis < axes.size() && count > 0; ++axis)
    args.sizes[axis] = fast_divisor(static_cast<int>(axes[axis].first));
  return true;
}

Launch launch_chain(const ChainArgs& args) {
  const bool is_whole =
      std::ranges::all_of(args.inputs, [](const ChainInput& input) { return input.is_whole; });
  const bool is_packed = is_whole || args.sizes[0].divisor % 4 == 0;
  const char* const names[2][2] = {{"chain_float_x1", "chain_float_x4"},
                                   {"chain_integer_x1", "chain_integer_x4"}};
  const int width = is_packed ? 4 : 1;
  const int bytes = args.registers * kChainThreads * width * (args.is_integer ? 8 : 4);
  return {names[args.is_integer][is_packed],
          {blocks_for(args.count, std::int64_t{kChainThreads} * width)},
          {kChainThreads},
          static_cast<unsigned>(bytes)};
}

}  // namespace braid::cuda
