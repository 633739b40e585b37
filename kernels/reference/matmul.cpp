#include <algorithm>

#include "kernels/reference/broadcast.hpp"
#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/gemm.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {
namespace {

/// alpha * product + beta * addend, written to a contiguous tensor; the addend broadcasts.
class ScaledSink : public MatrixSink {
 public:
  Tensor& out;
  std::byte* to;
  GemmSize size;
  double alpha = 1.0;
  double beta = 1.0;
  const Tensor* addend = nullptr;
  std::int64_t row_stride = 0;  // of the addend
  std::int64_t column_stride = 0;

  ScaledSink(Tensor& target, const GemmSize& gemm_size)
      : out(target), to(target.mutable_raw().data()), size(gemm_size) {}

  void write(std::int64_t batch, std::int64_t row, std::int64_t first, std::int64_t count,
             const double* from) const override {
    const std::int64_t at = (batch * size.m + row) * size.n + first;
    if (alpha == 1.0 && addend == nullptr) {
      store(out.dtype(), to, at, 1, count, from);
      return;
    }
    for (std::int64_t done = 0; done < count; done += kChunk) {
      const std::int64_t n = std::min(kChunk, count - done);
      double values[kChunk];
      double added[kChunk] = {};
      if (addend != nullptr) {
        load(addend->dtype(), addend->raw().data(),
             row * row_stride + (first + done) * column_stride, column_stride, n, added);
      }
      for (std::int64_t i = 0; i < n; ++i)
        values[i] = alpha * from[done + i] + beta * added[i];
      store(out.dtype(), to, at + done, 1, n, values);
    }
  }
};

/// The operands of a product as batches of matrices.
struct Operands {
  GemmSize size;
  Dims out;
  Dims a_offsets, b_offsets;  // of each matrix
};

Operands match_operands(const KernelCall& call, Dims a, Dims b) {
  if (a.empty() || b.empty()) call.fail("operands must not be scalars");
  const bool vector_a = a.size() == 1;
  const bool vector_b = b.size() == 1;
  const std::string shapes = format_dims(a) + " and " + format_dims(b);
  if (vector_a) a.insert(a.begin(), 1);
  if (vector_b) b.push_back(1);
  Operands result;
  result.size = {1, a[a.size() - 2], b.back(), a.back()};
  if (b[b.size() - 2] != a.back()) call.fail("inner dimensions of " + shapes + " differ");
  const Dims a_batch(a.begin(), a.end() - 2);
  const Dims b_batch(b.begin(), b.end() - 2);
  result.out = broadcast_dims(call, a_batch, b_batch);
  result.size.batch = product(result.out);
  result.a_offsets = offset_table(result.out, broadcast_strides(call, a_batch, result.out));
  result.b_offsets = offset_table(result.out, broadcast_strides(call, b_batch, result.out));
  for (std::int64_t& offset : result.a_offsets)
    offset *= result.size.m * result.size.k;
  for (std::int64_t& offset : result.b_offsets)
    offset *= result.size.k * result.size.n;
  if (!vector_a) result.out.push_back(result.size.m);
  if (!vector_b) result.out.push_back(result.size.n);
  return result;
}

/// Integers wrap around, which doubles would not.
template <class W>
void multiply_integers(const Tensor& a, const Tensor& b, const Operands& operands, Tensor& out) {
  const GemmSize& size = operands.size;
  std::vector<W> x(static_cast<std::size_t>(a.size()));
  std::vector<W> y(static_cast<std::size_t>(b.size()));
  load(a.dtype(), a.raw().data(), 0, 1, a.size(), x.data());
  load(b.dtype(), b.raw().data(), 0, 1, b.size(), y.data());
  std::byte* to = out.mutable_raw().data();
  parallel_for(size.batch * size.m, size.n * size.k, [&](std::int64_t task) {
    const auto batch = static_cast<std::size_t>(task / size.m);
    const W* left = x.data() + operands.a_offsets[batch] + task % size.m * size.k;
    const W* right = y.data() + operands.b_offsets[batch];
    for (std::int64_t j = 0; j < size.n; ++j) {
      W total{};
      for (std::int64_t k = 0; k < size.k; ++k) {
        total = wrapping_add(total, wrapping_mul(left[k], right[k * size.n + j]));
      }
      store(out.dtype(), to, task * size.n + j, 1, 1, &total);
    }
  });
}

StridedSource source(const Tensor& tensor, Dims offsets, std::int64_t row_stride,
                     std::int64_t column_stride) {
  StridedSource result;
  result.dtype = tensor.dtype();
  result.data = tensor.raw().data();
  result.offsets = std::move(offsets);
  result.row_stride = row_stride;
  result.column_stride = column_stride;
  return result;
}

}  // namespace

void matmul(KernelCall& call) {
  const Tensor& a = call.input(0);
  const Tensor& b = call.input(1);
  require_same_type(call, a, b);
  require_type(call, a.dtype(), kNumbers);
  const Operands operands = match_operands(call, a.dims(), b.dims());
  const GemmSize& size = operands.size;
  Tensor& out = allocate(call, 0, a.dtype(), operands.out);
  if (family_of(a.dtype()) == kSigned) {
    multiply_integers<std::int64_t>(a, b, operands, out);
  } else if (family_of(a.dtype()) == kUnsigned) {
    multiply_integers<std::uint64_t>(a, b, operands, out);
  } else {
    gemm(size, source(a, operands.a_offsets, size.k, 1), source(b, operands.b_offsets, size.n, 1),
         ScaledSink(out, size));
  }
}

void gemm(KernelCall& call) {
  const Tensor& a = call.input(0);
  const Tensor& b = call.input(1);
  require_same_type(call, a, b);
  require_type(call, a.dtype(), kFloats);
  if (a.rank() != 2 || b.rank() != 2) call.fail("operands must be matrices");
  const bool trans_a = call.attributes().get_int("transA", 0) != 0;
  const bool trans_b = call.attributes().get_int("transB", 0) != 0;
  const GemmSize size{1, a.dim(trans_a ? 1 : 0), b.dim(trans_b ? 0 : 1), a.dim(trans_a ? 0 : 1)};
  if (b.dim(trans_b ? 1 : 0) != size.k) {
    call.fail("inner dimensions of " + format_dims(a.dims()) + " and " + format_dims(b.dims()) +
              " differ");
  }
  Tensor& out = allocate(call, 0, a.dtype(), {size.m, size.n});
  ScaledSink sink(out, size);
  sink.alpha = call.attributes().get_float("alpha", 1.0F);
  sink.beta = call.attributes().get_float("beta", 1.0F);
  if (call.has_input(2)) {
    const Tensor& c = call.input(2);
    require_same_type(call, a, c);
    const Dims strides = broadcast_strides(call, c.dims(), {size.m, size.n});
    sink.addend = &c;
    sink.row_stride = strides[0];
    sink.column_stride = strides[1];
  }
  reference::gemm(size, source(a, {0}, trans_a ? 1 : size.k, trans_a ? size.m : 1),
                  source(b, {0}, trans_b ? 1 : size.n, trans_b ? size.k : 1), sink);
}

}  // namespace braid::reference::ops
