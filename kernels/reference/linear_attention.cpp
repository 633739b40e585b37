#include <cmath>

#include "kernels/reference/axes.hpp"
#include "kernels/reference/convert.hpp"
#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {
namespace {

/// One [batch, steps, width] input, or none.
struct Sequence {
  std::vector<double> values;
  std::int64_t width = 0;

  const double* at(std::int64_t row) const { return values.data() + row * width; }
};

Sequence read_sequence(const KernelCall& call, std::size_t input) {
  const Tensor& tensor = call.input(input);
  const Tensor& query = call.input(0);
  require_type(call, tensor.dtype(), kFloats);
  if (tensor.rank() != 3 || tensor.dim(0) != query.dim(0) || tensor.dim(1) != query.dim(1)) {
    call.fail("input " + std::to_string(input) + " " + format_dims(tensor.dims()) +
              " does not fit the queries");
  }
  return {to_doubles(tensor), tensor.dim(2)};
}

/// Decays the [d_k, d_v] state, and adds the outer product of a key and its value to it.
struct Update {
  bool is_gated = false, is_delta = false;
  std::int64_t d_k = 0, d_v = 0;

  void operator()(double* state, const double* key, const double* value, const double* decay,
                  std::int64_t decay_step, double beta) const {
    for (std::int64_t i = 0; is_gated && i < d_k * d_v; ++i)
      state[i] *= std::exp(decay[i / d_v * decay_step]);
    std::vector<double> added(value, value + d_v);
    for (std::int64_t m = 0; is_delta && m < d_v; ++m) {
      double known = 0.0;
      for (std::int64_t i = 0; i < d_k; ++i)
        known += state[i * d_v + m] * key[i];
      added[static_cast<std::size_t>(m)] = beta * (value[m] - known);
    }
    for (std::int64_t i = 0; i < d_k * d_v; ++i)
      state[i] += key[i / d_v] * added[static_cast<std::size_t>(i % d_v)];
  }
};

}  // namespace

void linear_attention(KernelCall& call) {
  const Attributes& attributes = call.attributes();
  const std::int64_t q_heads = attributes.get_int("q_num_heads", 0);
  const std::int64_t heads = attributes.get_int("kv_num_heads", 0);
  if (call.input(0).rank() != 3) call.fail("queries must have 3 dimensions");
  const Sequence q = read_sequence(call, 0);
  const Sequence k = read_sequence(call, 1);
  const Sequence v = read_sequence(call, 2);
  if (heads < 1 || q_heads < 1 || q_heads % heads != 0 || q.width % q_heads != 0 ||
      v.width % heads != 0 || k.width != q.width / q_heads * heads) {
    call.fail("the numbers of heads do not fit");
  }
  const std::string rule = attributes.get_string("update_rule", "gated_delta");
  Update update{rule.starts_with("gated"), rule.ends_with("delta"), q.width / q_heads,
                v.width / heads};
  const Sequence decay = update.is_gated ? read_sequence(call, 4) : Sequence{};
  const Sequence beta = update.is_delta ? read_sequence(call, 5) : Sequence{};
  const std::int64_t batch = call.input(0).dim(0);
  const std::int64_t steps = call.input(0).dim(1);
  const std::int64_t decay_step = decay.width == heads ? 0 : 1;
  if ((update.is_gated && decay.width != heads && decay.width != k.width) ||
      (update.is_delta && beta.width != heads && beta.width != 1)) {
    call.fail("decay or beta does not fit");
  }
  const Dims state_dims{batch, heads, update.d_k, update.d_v};
  std::vector<double> states(static_cast<std::size_t>(product(state_dims)), 0.0);
  if (call.has_input(3)) {
    if (call.input(3).dims() != state_dims) call.fail("past_state does not fit");
    states = to_doubles(call.input(3));
  }
  const float stated = attributes.get_float("scale", 0.0F);
  const double scale = stated == 0.0F ? 1.0 / std::sqrt(static_cast<double>(update.d_k)) : stated;
  const std::int64_t width = q_heads * update.d_v;
  std::vector<double> y(static_cast<std::size_t>(batch * steps * width), 0.0);
  for (std::int64_t row = 0; row < batch * steps; ++row) {
    for (std::int64_t h = 0; h < heads; ++h) {
      double* state = states.data() + (row / steps * heads + h) * update.d_k * update.d_v;
      const double* g = update.is_gated ? decay.at(row) + h * (decay.width / heads) : nullptr;
      const double rate = update.is_delta ? beta.at(row)[beta.width == 1 ? 0 : h] : 1.0;
      update(state, k.at(row) + h * update.d_k, v.at(row) + h * update.d_v, g, decay_step, rate);
    }
    for (std::int64_t i = 0; i < width * update.d_k; ++i) {
      const std::int64_t at = i / update.d_k;  // in the row of the output
      const std::int64_t head = at / update.d_v;
      const std::int64_t state_row =
          (row / steps * heads + head / (q_heads / heads)) * update.d_k + i % update.d_k;
      y[static_cast<std::size_t>(row * width + at)] +=
          scale * q.at(row)[head * update.d_k + i % update.d_k] *
          states[static_cast<std::size_t>(state_row * update.d_v + at % update.d_v)];
    }
  }
  const DType dtype = call.input(0).dtype();
  const DType state_dtype = call.has_input(3) ? call.input(3).dtype() : dtype;
  Tensor& out = call.output(0, dtype, {batch, steps, width});
  store(dtype, out.mutable_raw().data(), 0, 1, out.size(), y.data());
  Tensor& present = call.output(1, state_dtype, state_dims);
  store(state_dtype, present.mutable_raw().data(), 0, 1, present.size(), states.data());
}

}  // namespace braid::reference::ops
