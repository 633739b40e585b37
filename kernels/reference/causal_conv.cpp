#include <cmath>

#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {

void causal_conv_with_state(KernelCall& call) {
  const Tensor& x = call.input(0);
  const Tensor& w = call.input(1);
  require_type(call, x.dtype(), kFloats);
  if (x.rank() != 3 || w.rank() != 3 || w.dim(0) != x.dim(1) || w.dim(1) != 1 || w.dim(2) < 1) {
    call.fail("input " + format_dims(x.dims()) + " and weights " + format_dims(w.dims()) +
              " do not fit");
  }
  const std::int64_t length = x.dim(2);
  const std::int64_t taps = w.dim(2);
  const std::int64_t lines = x.dim(0) * x.dim(1);
  const Dims state_dims{x.dim(0), x.dim(1), taps - 1};
  std::vector<double> past(static_cast<std::size_t>(product(state_dims)), 0.0);
  std::vector<double> bias(static_cast<std::size_t>(x.dim(1)), 0.0);
  if (call.has_input(2) && call.input(2).dims() != Dims{x.dim(1)}) call.fail("bias does not fit");
  if (call.has_input(3) && call.input(3).dims() != state_dims) call.fail("past_state does not fit");
  if (call.has_input(2)) bias = to_doubles(call.input(2));
  if (call.has_input(3)) past = to_doubles(call.input(3));
  const std::string activation = call.attributes().get_string("activation", "none");
  const bool is_swish = activation == "silu" || activation == "swish";
  if (!is_swish && activation != "none") call.fail("activation " + activation + " is unknown");
  const std::vector<double> values = to_doubles(x);
  const std::vector<double> weights = to_doubles(w);
  std::vector<double> y(values.size());
  for (std::int64_t line = 0; line < lines; ++line) {
    // What was before, and behind it what comes now.
    std::vector<double> all(past.begin() + line * (taps - 1),
                            past.begin() + (line + 1) * (taps - 1));
    all.insert(all.end(), values.begin() + line * length, values.begin() + (line + 1) * length);
    const std::int64_t channel = line % x.dim(1);
    for (std::int64_t t = 0; t < length; ++t) {
      double total = bias[static_cast<std::size_t>(channel)];
      for (std::int64_t k = 0; k < taps; ++k) {
        total += weights[static_cast<std::size_t>(channel * taps + k)] *
                 all[static_cast<std::size_t>(t + k)];
      }
      y[static_cast<std::size_t>(line * length + t)] =
          is_swish ? total / (1.0 + std::exp(-total)) : total;
    }
    std::copy(all.end() - (taps - 1), all.end(), past.begin() + line * (taps - 1));
  }
  Tensor& out = call.output(0, x.dtype(), x.dims());
  store(x.dtype(), out.mutable_raw().data(), 0, 1, out.size(), y.data());
  Tensor& state = call.output(1, x.dtype(), state_dims);
  store(x.dtype(), state.mutable_raw().data(), 0, 1, state.size(), past.data());
}

}  // namespace braid::reference::ops
