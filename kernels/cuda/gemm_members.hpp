#pragma once

#include "kernels/cuda/element.hpp"
#include "kernels/cuda/epilogue.hpp"

/// Matrix products of all members in one launch, each with weights of its own:
/// y[m][i] = activation(scale * a[m][i] x b[m][i] + bias + residual), for member m and batch i.
namespace braid::cuda {

struct Launch;

struct GemmMembersArgs {
  Operand a;          ///< [rows, depth]; the strides are those of its rows and columns
  Operand b;          ///< [depth, columns]
  void* y = nullptr;  ///< [rows, columns]
  MatrixStrides y_strides;
  Epilogue epilogue;
  int members = 1;
  int batches = 1;  ///< per member
  int rows = 1;
  int columns = 1;
  int depth = 1;
};

/// Tiles of results that one block computes. FewRows is for matrices of at most kMostFewRows rows,
/// whose weights are read once: they are its cost, and it is best where their columns are adjacent.
/// The tensor ones are on tensor cores: floats are rounded to tf32 there, which sm_80 has first, as
/// it has bfloat16; sm_70 has half.
enum class GemmTile : std::uint8_t { Large, Medium, Small, TensorLarge, TensorMedium, FewRows };

inline constexpr int kMostFewRows = 16;

/// Whether FewRows is worth a thought.
bool has_form_of_few_rows(const GemmMembersArgs& args);

/// All operands and y are of `element`. Throws std::invalid_argument for FewRows of too many.
Launch launch_gemm_members(const GemmMembersArgs& args, Element element, GemmTile tile);

}  // namespace braid::cuda
