#pragma once

#include "kernels/cuda/fast_divide.hpp"
#include "kernels/cuda/stored.hpp"

#ifndef __CUDACC_RTC__
#include <span>
#include <vector>
#endif

/// Chains of elementwise operators over broadcast operands, in one launch and one pass over memory.
/// The kernel interprets a small program: an accumulator per element, which each instruction takes
/// further, and a few registers for values that are needed again.
namespace braid::cuda {

struct Launch;

/// Operators as ONNX has them. `a` and `b` are their parameters; predicates give 0 or 1. Integers
/// wrap around; what is divided by 0 is 0.
enum class ChainOp : std::uint8_t {
  // float and integers
  Load,   ///< x
  Store,  ///< to the register x
  Add,
  Sub,
  Mul,
  Div,   ///< integers: towards zero
  Fmod,  ///< the remainder of that
  Pow,
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
  // integers
  Mod,  ///< the remainder has the divisor's sign
  BitwiseAnd,
  BitwiseOr,
  BitwiseXor,
  BitwiseNot,
  ShiftLeft,
  ShiftRight,
  ToFloat,
  ToInteger,  ///< of a float; towards zero, the smallest integer if that is none of 64 bits
  ToInt32,    ///< the same with 32 bits
  WrapInt32,  ///< what is left in the type
  WrapInt8,
  WrapUInt8,
  ToBool,
  // float
  PRelu,       ///< the slope is x
  Affine,      ///< a x + b
  Clip,        ///< to [a, b]
  KeepFinite,  ///< what is finite, to [-a, a]
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
  Tan,
  Asin,
  Acos,
  Atan,
  Sinh,
  Cosh,
  Asinh,
  Acosh,
  Atanh,
  Shrink,  ///< x + b below -a, x - b above a, else 0
  IsNaN,
  IsInf,  ///< equal to a or b
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
  bool is_float = false;  ///< in a chain of integers
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
  int* bad = nullptr;       ///< set to 1 if an integer is divided by 0; may be null
  bool is_integer = false;  ///< values have 64 bits: integers, or the bits of floats
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
/// the result of step i. In a chain of floats, all inputs become floats. In a chain of integers, an
/// input is a float if it is stored as one; steps that take floats say so, and give floats, or
/// integers if they are predicates.
struct ChainStep {
  ChainOp op = ChainOp::Add;
  int x = 0;
  int y = -1;  ///< -1: none
  int z = -1;  ///< of Where: condition x, then y, else z
  float a = 0.0F;
  float b = 0.0F;
  bool is_float = false;  ///< in a chain of integers
};

/// Writes the program whose result is that of the last step. False, if it needs more registers or
/// instructions than there are.
bool compile_chain(std::span<const ChainStep> steps, ChainArgs& args);

/// Sets the dims of the output and what follows from them for its inputs, of which `strides` gives
/// those of each, one per dim, 0 where they are broadcast; those of places may be negative. False,
/// if there are too many axes or elements for the kernel.
bool shape_chain(std::span<const std::int64_t> dims,
                 std::span<const std::vector<std::int64_t>> strides, ChainArgs& args);

Launch launch_chain(const ChainArgs& args);

#endif

}  // namespace braid::cuda
