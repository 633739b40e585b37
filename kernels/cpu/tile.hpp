#pragma once

#include <cstdint>

#include "braid/types.hpp"

namespace braid::cpu {

/// Operations of one element each. `a` and `b` are the instruction's parameters.
enum class Opcode : std::uint8_t {
  // float, double, int32 and int64
  Copy,  ///< also bool
  Add,
  Sub,
  Mul,
  Div,  ///< floating point only
  Neg,
  Abs,
  Sign,
  Min,
  Max,
  Relu,
  PRelu,
  Square,
  Where,  ///< bool, x, y; also bool
  // the same to bool
  Equal,  ///< also bool
  Greater,
  GreaterOrEqual,
  Less,
  LessOrEqual,
  IsNaN,  ///< floating point only
  IsInf,  ///< likewise; a or b, which are infinite, or NaN for none
  // bool
  And,
  Or,
  Xor,
  Not,
  Convert,  ///< from one of these types to another; also between float and float16, bfloat16
  // float
  Reciprocal,
  Sqrt,
  Floor,
  Ceil,
  Round,
  Clamp,      ///< to [a, b]; b where they cross
  LeakyRelu,  ///< x or a x
  HardSigmoid,
  HardSwish,
  Softsign,
  ThresholdedRelu,
  Exp,
  Log,
  Erf,
  Tanh,
  Sigmoid,
  Softplus,
  Mish,
  Swish,  ///< x sigmoid(a x)
  Elu,    ///< x or a (e^x - 1)
  Celu,   ///< x or a (e^(x / a) - 1)
  Selu,   ///< b times Elu
  Gelu,
  GeluTanh,
  Sin,
  Cos,
  Pow,
};

/// One instruction on one tile. No operand overlaps `to`, unless it is the same.
struct TileCall {
  const void* x = nullptr;
  const void* y = nullptr;
  const void* z = nullptr;
  void* to = nullptr;
  std::int64_t count = 0;
  Opcode opcode = Opcode::Copy;
  DType result = DType::Float32;
  float a = 0.0F;
  float b = 0.0F;
};

using TileFunction = void (*)(const TileCall& call);

void tile_float_functions(const TileCall& call);
void tile_floats(const TileCall& call);
void tile_doubles(const TileCall& call);
void tile_int32s(const TileCall& call);
void tile_int64s(const TileCall& call);
void tile_bools(const TileCall& call);
void convert_floats(const TileCall& call);
void convert_doubles(const TileCall& call);
void convert_int32s(const TileCall& call);
void convert_int64s(const TileCall& call);
void convert_bools(const TileCall& call);
void widen_tile_of_halves(const TileCall& call);
void widen_tile_of_bfloats(const TileCall& call);
void narrow_tile_to_halves(const TileCall& call);
void narrow_tile_to_bfloats(const TileCall& call);

/// Null if there is no code.
TileFunction find_tile_function(Opcode opcode, DType dtype, DType result);

}  // namespace braid::cpu
