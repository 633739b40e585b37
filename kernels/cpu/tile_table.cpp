#include "kernels/cpu/tile.hpp"

namespace braid::cpu {
namespace {

bool is_predicate(Opcode opcode) {
  return opcode >= Opcode::Equal && opcode <= Opcode::IsInf;
}

bool is_bool_operation(Opcode opcode) {
  return opcode == Opcode::Copy || opcode == Opcode::Where || opcode == Opcode::Equal ||
         (opcode >= Opcode::And && opcode <= Opcode::Not);
}

TileFunction arithmetic_of(DType dtype) {
  switch (dtype) {
    case DType::Float32:
      return tile_floats;
    case DType::Float64:
      return tile_doubles;
    case DType::Int32:
      return tile_int32s;
    case DType::Int64:
      return tile_int64s;
    default:
      return nullptr;
  }
}

// Types of 16 bits are only ever converted from and to float.
TileFunction conversion_of_narrow(DType dtype, DType result) {
  if (result == DType::Float32)
    return dtype == DType::Float16 ? widen_tile_of_halves : widen_tile_of_bfloats;
  if (dtype != DType::Float32) return nullptr;
  return result == DType::Float16 ? narrow_tile_to_halves : narrow_tile_to_bfloats;
}

bool is_narrow(DType dtype) {
  return dtype == DType::Float16 || dtype == DType::BFloat16;
}

TileFunction conversion_of(DType dtype) {
  switch (dtype) {
    case DType::Float32:
      return convert_floats;
    case DType::Float64:
      return convert_doubles;
    case DType::Int32:
      return convert_int32s;
    case DType::Int64:
      return convert_int64s;
    case DType::Bool:
      return convert_bools;
    default:
      return nullptr;
  }
}

}  // namespace

TileFunction find_tile_function(Opcode opcode, DType dtype, DType result) {
  const bool is_floating = dtype == DType::Float32 || dtype == DType::Float64;
  if (opcode == Opcode::Convert && (is_narrow(dtype) || is_narrow(result)))
    return conversion_of_narrow(dtype, result);
  if (opcode == Opcode::Convert)
    return conversion_of(result) != nullptr ? conversion_of(dtype) : nullptr;
  if (result != (is_predicate(opcode) ? DType::Bool : dtype)) return nullptr;
  if (dtype == DType::Bool) return is_bool_operation(opcode) ? tile_bools : nullptr;
  if (opcode > Opcode::Convert) return dtype == DType::Float32 ? tile_float_functions : nullptr;
  const bool takes_floats =
      opcode == Opcode::Div || opcode == Opcode::IsNaN || opcode == Opcode::IsInf;
  if (opcode >= Opcode::And || (takes_floats && !is_floating)) return nullptr;
  return arithmetic_of(dtype);
}

}  // namespace braid::cpu
