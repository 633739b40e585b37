#pragma once

#include "kernels/cuda/element.hpp"
#include "kernels/cuda/fast_divide.hpp"

#ifndef __CUDACC_RTC__
#include <span>
#include <vector>
#endif

/// Chains of elementwise operators over broadcast operands, in one launch and one pass over memory.
/// The kernel interprets a small program: an accumulator per element, which each instruction takes
/// further, and a few registers for values that are needed again.
namespace braid::cuda {

struct Launch;

/// What operands are stored as. Chains compute in float, or all in 64-bit integers.
enum class Stored : std::uint8_t { Float, Half, BFloat16, Int32, Int64, Int8, UInt8, Bool };

/// Operators as ONNX has them. `a` and `b` are their parameters; predicates give 0 or 1.
enum class ChainOp : std::uint8_t {
  // float and integers
  Load,   ///< x
  Store,  ///< to the register x
  Add,
  Sub,
  Mul,
  Div,  ///< integers: towards zero
  Min,
  Max,
  Equal,
  Greater,
  GreaterOrEqual,
  Less,
  LessOrEqual,
  And,
  Or,
  Xor,
  Where,  ///< x where the accumulator is not 0, else y
  Not,
  Neg,
  Abs,
  Sign,
  Relu,
  Square,
  // float
  Pow,
  PRelu,   ///< the slope is x
  Affine,  ///< a x + b
  Clip,    ///< to [a, b]
  LeakyRelu,
  Elu,          ///< x or a (e^x - 1)
  Celu,         ///< x or a (e^(x / a) - 1)
  Selu,         ///< b times Elu
  HardSigmoid,  ///< a x + b, clipped to [0, 1]
  HardSwish,
  ThresholdedRelu,  ///< x above a, else 0
  Swish,            ///< x sigmoid(a x)
  Gelu,
  GeluTanh,
  Mish,
  Softplus,
  Softsign,
  Sigmoid,
  Tanh,
  Exp,
  Log,
  Sqrt,
  Reciprocal,
  Erf,
  Sin,
  Cos,
  Floor,
  Ceil,
  Round,  ///< to the nearest even
};

inline constexpr int kChainInputs = 16;
inline constexpr int kChainRegisters = 8;
inline constexpr int kChainInstructions = 64;
inline constexpr int kChainAxes = 6;

inline constexpr std::uint8_t kNoOperand = 0xFF;

/// acc = op(acc, x), or op(x, acc) if reversed. Operands are inputs, then registers.
struct ChainInstruction {
  ChainOp op = ChainOp::Load;
  bool is_reversed = false;
  std::uint8_t x = kNoOperand;
  std::uint8_t y = kNoOperand;
  float a = 0.0F;
  float b = 0.0F;
};

struct ChainInput {
  const void* data = nullptr;
  Stored stored = Stored::Float;
  bool is_whole = true;          ///< lies as the output does
  int strides[kChainAxes] = {};  ///< in elements, the innermost axis first; 0 where broadcast
};

struct ChainArgs {
  void* y = nullptr;  ///< contiguous
  Stored stored = Stored::Float;
  bool is_integer = false;  ///< computes in 64-bit integers
  int count = 0;            ///< elements of y
  int axes = 0;
  int registers = 0;
  int instructions = 0;
  FastDivisor sizes[kChainAxes];  ///< of the axes, the innermost first
  ChainInput inputs[kChainInputs];
  ChainInstruction program[kChainInstructions];
};

#ifndef __CUDACC_RTC__

/// A step of a chain as its author has it. Operands are numbers of inputs, or kChainInputs + i for
/// the result of step i.
struct ChainStep {
  ChainOp op = ChainOp::Add;
  int x = 0;
  int y = -1;  ///< -1: none
  int z = -1;  ///< of Where: condition x, then y, else z
  float a = 0.0F;
  float b = 0.0F;
};

/// Writes the program whose result is that of the last step. False, if it needs more registers or
/// instructions than there are.
bool compile_chain(std::span<const ChainStep> steps, ChainArgs& args);

/// Sets the dims of the output and what follows from them for its inputs, of which `strides` gives
/// those of each, one per dim, 0 where they are broadcast. False, if there are too many axes or
/// elements for the kernel.
bool shape_chain(std::span<const std::int64_t> dims,
                 std::span<const std::vector<std::int64_t>> strides, ChainArgs& args);

Launch launch_chain(const ChainArgs& args);

#endif

}  // namespace braid::cuda
