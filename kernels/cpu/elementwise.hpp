#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "braid/types.hpp"
#include "kernels/cpu/tile.hpp"

/// Chains of elementwise operations over broadcast operands, in one pass over memory: a small
/// program runs tile by tile, and what lies between its instructions stays in the L1 cache.
namespace braid::cpu {

/// Bytes of a register, which holds one tile of a value.
inline constexpr std::int64_t kTileBytes = 4096;
inline constexpr std::size_t kMostRegisters = 32;
inline constexpr std::size_t kMostInputs = 32;

/// What an instruction reads or writes: an operand of the program, a register, or its output.
struct Place {
  enum class Kind : std::uint8_t { Input, Register, Output };
  Kind kind = Kind::Input;
  std::size_t index = 0;
};

struct Instruction {
  Opcode opcode = Opcode::Copy;
  DType dtype = DType::Float32;   ///< of what is read, but for the condition of Where
  DType result = DType::Float32;  ///< Bool for predicates; Convert says here what it makes
  std::vector<Place> from;
  Place to;  ///< none of `from`
  float a = 0.0F;
  float b = 0.0F;
};

/// The type and dims of an operand; those of inputs broadcast to those of the output.
struct ElementwiseOperand {
  DType dtype = DType::Float32;
  std::vector<std::int64_t> dims;
};

/// A program for operands of known dims.
class ElementwiseProgram {
 public:
  /// Nothing if an instruction has no code, or if the registers do not suffice: the instructions
  /// use those below `registers`, and tiles that no operand has in memory need one each.
  static std::optional<ElementwiseProgram> make(const std::vector<ElementwiseOperand>& inputs,
                                                const ElementwiseOperand& output,
                                                const std::vector<Instruction>& instructions,
                                                std::size_t registers);

  void run(const std::byte* const* inputs, std::byte* output) const;

 private:
  struct Input {
    std::int64_t width = 4;             ///< bytes of an element
    std::vector<std::int64_t> strides;  ///< in elements, one per dim; the last is 0 or 1
    bool is_whole = false;              ///< lies as the output does
    bool is_still = false;              ///< is the same for each row
    std::size_t cache = 0;              ///< register for tiles that are not in memory
  };
  struct Step {
    TileFunction function = nullptr;
    TileCall call;  ///< without addresses
    std::vector<Place> from;
    Place to;
  };
  class Walk;

  std::int64_t row_count() const { return size_ / dims_.back(); }
  std::int64_t pieces() const { return (dims_.back() + piece_ - 1) / piece_; }  ///< of a row
  void merge_dims();
  void size_tiles(std::int64_t most);
  bool place_caches(std::size_t registers);

  std::vector<std::int64_t> dims_;  ///< of the loops, the innermost last
  std::vector<Input> inputs_;
  std::vector<Step> steps_;
  std::int64_t output_width_ = 4;
  std::int64_t size_ = 1;   ///< elements of the output
  std::int64_t piece_ = 1;  ///< elements of a row that a tile holds
  std::int64_t rows_ = 1;   ///< rows that a tile holds; if more than one, they are whole
};

}  // namespace braid::cpu
