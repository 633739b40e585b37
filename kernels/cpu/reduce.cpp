#include "kernels/cpu/reduce.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/cpu/parallel.hpp"
#include "kernels/cpu/row_math.hpp"
#include "kernels/cpu/scalar_math.hpp"

namespace braid::cpu {
namespace {

// Columns that are reduced at once, and rows after which their sums start anew.
constexpr std::int64_t kColumns = 512;
constexpr std::size_t kRows = 128;

template <class T>
BRAID_INLINE T squared(T x, T /*c*/) {
  return mul(x, x);
}

template <class T>
BRAID_INLINE T magnitude(T x, T /*c*/) {
  return abs(x);
}

// What a piece of work reads and writes.
template <class T>
struct Piece {
  const T* x = nullptr;
  const std::int64_t* offsets = nullptr;
  std::size_t offset_count = 0;
  std::int64_t length = 0;
};

template <auto Term, auto Join, class T>
BRAID_INLINE T reduce_rows(const Piece<T>& piece, T first) {
  T result = first;
  for (std::size_t r = 0; r < piece.offset_count; ++r)
    result =
        Join(result, reduce_row<Term, Join>(piece.x + piece.offsets[r], piece.length, T{}, first));
  return result;
}

template <auto Term, auto Join, class T>
BRAID_INLINE void reduce_columns(const Piece<T>& piece, T first, T* y) {
  T block[kColumns];
  for (std::int64_t j = 0; j < piece.length; ++j)
    y[j] = first;
  for (std::size_t done = 0; done < piece.offset_count; done += kRows) {
    for (std::int64_t j = 0; j < piece.length; ++j)
      block[j] = first;
    const std::size_t end = std::min(piece.offset_count, done + kRows);
    for (std::size_t r = done; r < end; ++r) {
      const T* row = piece.x + piece.offsets[r];
#pragma omp simd
      for (std::int64_t j = 0; j < piece.length; ++j)
        block[j] = Join(block[j], Term(row[j], T{}));
    }
#pragma omp simd
    for (std::int64_t j = 0; j < piece.length; ++j)
      y[j] = Join(y[j], block[j]);
  }
}

template <auto Term, auto Join, class T>
BRAID_INLINE void reduce_either(bool is_row, const Piece<T>& piece, T first, T* y) {
  if (is_row)
    *y = reduce_rows<Term, Join>(piece, first);
  else
    reduce_columns<Term, Join>(piece, first, y);
}

template <class T>
BRAID_INLINE void reduce_piece(Reduction reduction, bool is_row, const Piece<T>& piece, T* y) {
  using Limits = std::numeric_limits<T>;
  constexpr T kMost = Limits::has_infinity ? Limits::infinity() : Limits::max();
  constexpr T kLeast = Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
  switch (reduction) {
    case Reduction::Max:
      return reduce_either<itself<T>, larger<T>>(is_row, piece, kLeast, y);
    case Reduction::Min:
      return reduce_either<itself<T>, smaller<T>>(is_row, piece, kMost, y);
    case Reduction::Prod:
      return reduce_either<itself<T>, mul<T>>(is_row, piece, T{1}, y);
    case Reduction::SumSquare:
    case Reduction::L2:
      return reduce_either<squared<T>, add<T>>(is_row, piece, T{}, y);
    case Reduction::L1:
      return reduce_either<magnitude<T>, add<T>>(is_row, piece, T{}, y);
    default:
      return reduce_either<itself<T>, add<T>>(is_row, piece, T{}, y);
  }
}

// Results of each type in a function of their own, as clones are not templates.
BRAID_CLONES void reduce_floats(Reduction reduction, bool is_row, const Piece<float>& piece,
                                float* y) {
  reduce_piece(reduction, is_row, piece, y);
}

BRAID_CLONES void reduce_doubles(Reduction reduction, bool is_row, const Piece<double>& piece,
                                 double* y) {
  reduce_piece(reduction, is_row, piece, y);
}

BRAID_CLONES void reduce_int32s(Reduction reduction, bool is_row, const Piece<std::int32_t>& piece,
                                std::int32_t* y) {
  reduce_piece(reduction, is_row, piece, y);
}

BRAID_CLONES void reduce_int64s(Reduction reduction, bool is_row, const Piece<std::int64_t>& piece,
                                std::int64_t* y) {
  reduce_piece(reduction, is_row, piece, y);
}

template <class T>
void reduce_any(Reduction reduction, bool is_row, const Piece<T>& piece, T* y) {
  if constexpr (std::is_same_v<T, float>) return reduce_floats(reduction, is_row, piece, y);
  if constexpr (std::is_same_v<T, double>) return reduce_doubles(reduction, is_row, piece, y);
  if constexpr (std::is_same_v<T, std::int32_t>) return reduce_int32s(reduction, is_row, piece, y);
  if constexpr (std::is_same_v<T, std::int64_t>) return reduce_int64s(reduction, is_row, piece, y);
}

// What is left to do for results.
void finish(Reduction reduction, std::int64_t count, std::int64_t results, float* y) {
  for (std::int64_t i = 0; i < results; ++i) {
    if (reduction == Reduction::Mean) y[i] /= static_cast<float>(count);
    if (reduction == Reduction::L2) y[i] = std::sqrt(y[i]);
    if (reduction == Reduction::LogSum) y[i] = std::log(y[i]);
  }
}

// A group of neighbouring axes that are all reduced, or all kept.
struct Axis {
  std::int64_t size = 1;
  std::int64_t stride = 1;
  bool is_reduced = false;
};

std::vector<Axis> group_axes(const std::vector<std::int64_t>& dims,
                             const std::vector<bool>& is_reduced) {
  std::vector<Axis> axes;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (dims[d] == 1) continue;
    if (!axes.empty() && axes.back().is_reduced == is_reduced[d])
      axes.back().size *= dims[d];
    else
      axes.push_back({dims[d], 1, is_reduced[d]});
  }
  if (axes.empty()) axes.push_back({1, 1, true});
  for (std::size_t d = axes.size() - 1; d-- > 0;)
    axes[d].stride = axes[d + 1].stride * axes[d + 1].size;
  return axes;
}

// Offsets of all elements of some axes, in row-major order.
void extend(std::vector<std::int64_t>& offsets, const Axis& axis) {
  std::vector<std::int64_t> longer;
  for (const std::int64_t offset : offsets) {
    for (std::int64_t i = 0; i < axis.size; ++i)
      longer.push_back(offset + i * axis.stride);
  }
  offsets = std::move(longer);
}

}  // namespace

bool ReducePlan::is_computable(Reduction reduction, DType dtype) {
  if (dtype == DType::Float32) return true;
  const bool is_finished =
      reduction != Reduction::Mean && reduction != Reduction::L2 && reduction != Reduction::LogSum;
  return is_finished && (dtype == DType::Float64 || dtype == DType::Int32 || dtype == DType::Int64);
}

ReducePlan::ReducePlan(Reduction reduction, DType dtype, const std::vector<std::int64_t>& dims,
                       const std::vector<bool>& is_reduced)
    : reduction_(reduction), dtype_(dtype), starts_{0}, offsets_{0} {
  std::vector<Axis> axes = group_axes(dims, is_reduced);
  for (const Axis& axis : axes)
    count_ *= axis.is_reduced ? axis.size : 1;
  is_row_ = axes.back().is_reduced;
  length_ = axes.back().size;
  axes.pop_back();
  for (const Axis& axis : axes)
    extend(axis.is_reduced ? offsets_ : starts_, axis);
}

template <class T>
void ReducePlan::run_as(const std::byte* x, std::byte* y) const {
  const T* from = reinterpret_cast<const T*>(x);
  T* to = reinterpret_cast<T*>(y);
  const std::int64_t pieces = is_row_ ? 1 : (length_ + kColumns - 1) / kColumns;
  const std::int64_t work = is_row_ ? count_ : count_ * std::min(length_, kColumns);
  const auto results = static_cast<std::int64_t>(starts_.size());
  parallel_ranges(results * pieces, work, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      const std::int64_t column = i % pieces * kColumns;
      const std::int64_t count = is_row_ ? length_ : std::min(kColumns, length_ - column);
      const T* start = from + starts_[static_cast<std::size_t>(i / pieces)] + column;
      T* const result = to + (is_row_ ? i : i / pieces * length_ + column);
      reduce_any<T>(reduction_, is_row_, {start, offsets_.data(), offsets_.size(), count}, result);
      if constexpr (std::is_same_v<T, float>)
        finish(reduction_, count_, is_row_ ? 1 : count, result);
    }
  });
}

void ReducePlan::run(const std::byte* x, std::byte* y) const {
  switch (dtype_) {
    case DType::Float32:
      return run_as<float>(x, y);
    case DType::Float64:
      return run_as<double>(x, y);
    case DType::Int32:
      return run_as<std::int32_t>(x, y);
    default:
      return run_as<std::int64_t>(x, y);
  }
}

}  // namespace braid::cpu
