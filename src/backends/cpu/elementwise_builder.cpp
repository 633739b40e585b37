#include "backends/cpu/elementwise_builder.hpp"

#include <algorithm>
#include <array>

#include "backends/operands.hpp"

namespace braid {
namespace {

using cpu::Place;

class ElementwiseKernel final : public PlainKernel {
 public:
  ElementwiseKernel(cpu::ElementwiseProgram program, std::vector<std::size_t> read,
                    std::optional<std::size_t> overwritten, std::string name)
      : program_(std::move(program)),
        read_(std::move(read)),
        overwritten_(overwritten),
        name_(std::move(name)) {}

  std::string name() const override { return name_; }

  bool reads(std::size_t input) const override {
    return std::find(read_.begin(), read_.end(), input) != read_.end();
  }

  std::optional<std::size_t> overwrites() const override { return overwritten_; }

  void run(const Operands& operands) const override {
    std::array<const std::byte*, cpu::kMostInputs> inputs{};
    for (std::size_t i = 0; i < read_.size(); ++i)
      inputs[i] = operands.inputs[read_[i]];
    program_.run(inputs.data(), operands.outputs[0]);
  }

 private:
  cpu::ElementwiseProgram program_;
  std::vector<std::size_t> read_;  // input of the kernel, by input of the program
  std::optional<std::size_t> overwritten_;
  std::string name_;
};

bool broadcasts(const std::vector<std::int64_t>& from, const std::vector<std::int64_t>& to) {
  if (from.size() > to.size()) return false;
  return std::equal(from.rbegin(), from.rend(), to.rbegin(),
                    [](std::int64_t a, std::int64_t b) { return a == 1 || a == b; });
}

// Hands out registers; the lowest that is free.
class Registers {
 public:
  std::size_t take() {
    const auto found = std::find(is_taken_.begin(), is_taken_.end(), false);
    const auto index = static_cast<std::size_t>(found - is_taken_.begin());
    if (found == is_taken_.end()) is_taken_.push_back(false);
    is_taken_[index] = true;
    return index;
  }
  void free(std::size_t index) { is_taken_[index] = false; }
  std::size_t count() const { return is_taken_.size(); }

 private:
  std::vector<bool> is_taken_;
};

}  // namespace

ElementwiseValue ElementwiseBuilder::input(std::size_t index, const Operand& operand) {
  const ElementwiseValue value{operand.dtype, operand.constant, index, -1};
  return is_narrow(operand.dtype) ? emit(cpu::Opcode::Convert, {value}, {}, DType::Float32) : value;
}

ElementwiseValue ElementwiseBuilder::emit(cpu::Opcode opcode,
                                          const std::vector<ElementwiseValue>& from,
                                          ElementwiseParameters parameters, DType result) {
  const DType dtype = from[0].dtype;
  if (result == DType::Undefined) result = dtype;
  drafts_.push_back({{opcode, dtype, result, {}, {}, parameters.a, parameters.b}, from});
  return {result, nullptr, 0, static_cast<int>(drafts_.size()) - 1};
}

ElementwiseValue ElementwiseBuilder::emit_where(const ElementwiseValue& condition,
                                                const ElementwiseValue& x,
                                                const ElementwiseValue& y) {
  const DType dtype = x.dtype;
  drafts_.push_back({{cpu::Opcode::Where, dtype, dtype, {}, {}, 0.0F, 0.0F}, {condition, x, y}});
  return {dtype, nullptr, 0, static_cast<int>(drafts_.size()) - 1};
}

std::unique_ptr<const BoundKernel> ElementwiseBuilder::finish(const ElementwiseValue& result,
                                                              std::vector<Operand> inputs,
                                                              const Operand& output,
                                                              std::string name) {
  const int end = static_cast<int>(drafts_.size()) - 1;
  if (is_narrow(output.dtype) && result.dtype == DType::Float32) {
    emit(cpu::Opcode::Convert, {result}, {}, output.dtype);
  } else if (end < 0 || result.instruction != end) {
    emit(cpu::Opcode::Copy, {result});
  }
  std::vector<std::size_t> last_read(drafts_.size(), drafts_.size());
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    for (const ElementwiseValue& value : drafts_[i].from) {
      if (value.instruction >= 0) last_read[static_cast<std::size_t>(value.instruction)] = i;
    }
  }
  std::vector<std::size_t> read;
  std::vector<cpu::ElementwiseOperand> operands;
  std::vector<cpu::Instruction> instructions;
  Registers registers;
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    cpu::Instruction instruction = drafts_[i].instruction;
    for (const ElementwiseValue& value : drafts_[i].from) {
      if (value.instruction >= 0) {
        instruction.from.push_back(instructions[static_cast<std::size_t>(value.instruction)].to);
        continue;
      }
      const auto found = std::find(read.begin(), read.end(), value.input);
      instruction.from.push_back(
          {Place::Kind::Input, static_cast<std::size_t>(found - read.begin())});
      if (found != read.end()) continue;
      const Operand& operand = inputs[value.input];
      if (!broadcasts(operand.dims, output.dims)) return nullptr;
      read.push_back(value.input);
      operands.push_back({operand.dtype, operand.dims});
    }
    const bool is_last = i + 1 == drafts_.size();
    if (is_last)
      instruction.to = {Place::Kind::Output, 0};
    else
      instruction.to = {Place::Kind::Register, registers.take()};
    // After the result has its register: no instruction writes what it reads.
    for (std::size_t k = 0; k < i; ++k) {
      if (last_read[k] == i) registers.free(instructions[k].to.index);
    }
    instructions.push_back(std::move(instruction));
  }
  auto program = cpu::ElementwiseProgram::make(operands, {output.dtype, output.dims}, instructions,
                                               registers.count());
  if (!program) return nullptr;
  const auto overwritten = std::find_if(read.begin(), read.end(),
                                        [&](std::size_t i) { return inputs[i].is_overwritable; });
  return std::make_unique<ElementwiseKernel>(
      std::move(*program), read,
      overwritten == read.end() ? std::nullopt : std::optional(*overwritten), std::move(name));
}

}  // namespace braid
