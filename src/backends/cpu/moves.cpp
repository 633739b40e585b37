#include "backends/cpu/moves.hpp"

#include <algorithm>

#include "backends/operands.hpp"

namespace braid {
namespace {

class Moves final : public PlainKernel {
 public:
  Moves(std::int64_t width, std::vector<bool> reads, std::vector<Move> moves,
        std::vector<std::byte> fill)
      : width_(width), reads_(std::move(reads)), moves_(std::move(moves)), fill_(std::move(fill)) {}

  std::string name() const override { return "cpu copy"; }
  bool reads(std::size_t input) const override { return reads_[input]; }

  void run(const Operands& operands) const override {
    for (const Move& move : moves_)
      cpu::copy_strided(move.copy, width_, source(move, operands), operands.outputs[move.output]);
  }

 private:
  const std::byte* source(const Move& move, const Operands& operands) const {
    if (move.source == Move::Source::Input) return operands.inputs[move.input];
    return move.source == Move::Source::Output ? operands.outputs[move.output] : fill_.data();
  }

  std::int64_t width_;
  std::vector<bool> reads_;
  std::vector<Move> moves_;
  std::vector<std::byte> fill_;
};

}  // namespace

std::unique_ptr<const BoundKernel> make_moves(std::int64_t width, std::size_t input_count,
                                              std::vector<Move> moves,
                                              std::vector<std::byte> fill) {
  std::vector<bool> reads(input_count, false);
  for (Move& move : moves) {
    move.copy = cpu::simplified(std::move(move.copy));
    if (move.copy.axes.size() > cpu::kMostAxes) return nullptr;
    if (move.source == Move::Source::Input) reads[move.input] = true;
  }
  return std::make_unique<Moves>(width, std::move(reads), std::move(moves), std::move(fill));
}

cpu::StridedCopy copy_of(const std::vector<std::int64_t>& dims,
                         const std::vector<std::int64_t>& from_strides) {
  return copy_of(dims, from_strides, strides_of(dims));
}

cpu::StridedCopy copy_of(const std::vector<std::int64_t>& dims,
                         const std::vector<std::int64_t>& from_strides,
                         const std::vector<std::int64_t>& to_strides) {
  cpu::StridedCopy copy;
  for (std::size_t d = 0; d < dims.size(); ++d)
    copy.axes.push_back({dims[d], from_strides[d], to_strides[d]});
  return copy;
}

}  // namespace braid
