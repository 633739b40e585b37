#include <algorithm>
#include <cmath>

#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {
namespace {

/// By elimination with the largest pivot of each column; destroys the matrix.
double determinant(double* matrix, std::int64_t n) {
  double result = 1.0;
  for (std::int64_t column = 0; column < n; ++column) {
    std::int64_t pivot = column;
    for (std::int64_t row = column + 1; row < n; ++row) {
      if (std::fabs(matrix[row * n + column]) > std::fabs(matrix[pivot * n + column])) pivot = row;
    }
    if (matrix[pivot * n + column] == 0.0) return 0.0;
    if (pivot != column) {
      std::swap_ranges(matrix + pivot * n, matrix + (pivot + 1) * n, matrix + column * n);
      result = -result;
    }
    result *= matrix[column * n + column];
    for (std::int64_t row = column + 1; row < n; ++row) {
      const double factor = matrix[row * n + column] / matrix[column * n + column];
      for (std::int64_t k = column; k < n; ++k)
        matrix[row * n + k] -= factor * matrix[column * n + k];
    }
  }
  return result;
}

}  // namespace

void det(KernelCall& call) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kFloats);
  if (x.rank() < 2 || x.dims().back() != x.dims()[x.dims().size() - 2]) {
    call.fail("input " + format_dims(x.dims()) + " does not hold square matrices");
  }
  const std::int64_t n = x.dims().back();
  Tensor& out = call.output(0, x.dtype(), Dims(x.dims().begin(), x.dims().end() - 2));
  std::vector<double> values = to_doubles(x);
  std::byte* to = out.mutable_raw().data();
  parallel_for(out.size(), n * n * n, [&](std::int64_t i) {
    const double result = determinant(values.data() + i * n * n, n);
    store(x.dtype(), to, i, 1, 1, &result);
  });
}

}  // namespace braid::reference::ops
