#include "kernels/reference/axes.hpp"
#include "kernels/reference/convert.hpp"
#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {
namespace {

/// Where the elements of a head lie: [batch, heads, sequence, size] or [batch, sequence, heads *
/// size].
struct Layout {
  std::int64_t batch, heads, sequence, size;
  std::int64_t head_stride, step_stride;
};

Layout read_layout(const KernelCall& call) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kFloats);
  if (x.rank() == 4) {
    return {x.dim(0), x.dim(1), x.dim(2), x.dim(3), x.dim(2) * x.dim(3), x.dim(3)};
  }
  const std::int64_t heads = call.attributes().get_int("num_heads", 0);
  if (x.rank() != 3 || heads < 1 || x.dim(2) % heads != 0) {
    call.fail("input " + format_dims(x.dims()) + " must have 4 dimensions, or 3 with num_heads");
  }
  return {x.dim(0), heads, x.dim(1), x.dim(2) / heads, x.dim(2) / heads, x.dim(2)};
}

/// Rows of a cache, by position or, without positions, by batch and step.
Dims cache_rows(const KernelCall& call, const Layout& layout) {
  const std::int64_t count = layout.batch * layout.sequence;
  const Tensor& cache = call.input(1);
  const std::int64_t available = product(cache.dims(), 0, cache.rank() - 1);
  Dims rows;
  if (call.has_input(3)) rows = int_input(call, 3);
  for (std::int64_t i = 0; rows.size() < static_cast<std::size_t>(count) && i < count; ++i)
    rows.push_back(i);
  for (const std::int64_t row : rows) {
    if (row < 0 || row >= available)
      call.fail("position " + std::to_string(row) + " is not cached");
  }
  return rows;
}

}  // namespace

void rotary_embedding(KernelCall& call) {
  const Tensor& x = call.input(0);
  const Layout layout = read_layout(call);
  const bool is_interleaved = call.attributes().get_int("interleaved", 0) != 0;
  const std::int64_t stated = call.attributes().get_int("rotary_embedding_dim", 0);
  const std::int64_t half = (stated == 0 ? layout.size : stated) / 2;
  for (const std::size_t i : {1, 2}) {
    if (call.input(i).rank() < 2 || call.input(i).dims().back() != half) {
      call.fail("cache " + format_dims(call.input(i).dims()) + " must have rows of " +
                std::to_string(half));
    }
  }
  const Dims rows = cache_rows(call, layout);
  const std::vector<double> cosines = to_doubles(call.input(1));
  const std::vector<double> sines = to_doubles(call.input(2));
  std::vector<double> values = to_doubles(x);
  const std::int64_t step = is_interleaved ? 2 : 1;
  const std::int64_t distance = is_interleaved ? 1 : half;
  for (std::int64_t b = 0; b < layout.batch; ++b) {
    for (std::int64_t s = 0; s < layout.sequence; ++s) {
      const std::int64_t row = rows[static_cast<std::size_t>(b * layout.sequence + s)] * half;
      for (std::int64_t h = 0; h < layout.heads; ++h) {
        double* head = values.data() + b * layout.heads * layout.sequence * layout.size +
                       h * layout.head_stride + s * layout.step_stride;
        for (std::int64_t i = 0; i < half; ++i) {
          const double cosine = cosines[static_cast<std::size_t>(row + i)];
          const double sine = sines[static_cast<std::size_t>(row + i)];
          double& real = head[i * step];
          double& imaginary = head[i * step + distance];
          const double turned = cosine * real - sine * imaginary;
          imaginary = sine * real + cosine * imaginary;
          real = turned;
        }
      }
    }
  }
  Tensor& out = call.output(0, x.dtype(), x.dims());
  store(x.dtype(), out.mutable_raw().data(), 0, 1, out.size(), values.data());
}

}  // namespace braid::reference::ops
