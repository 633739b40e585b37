#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {
namespace {

/// An activation function with its parameters.
struct Activation {
  std::string_view name;
  double (*function)(double x, double alpha, double beta);
  bool has_alpha = false, has_beta = false;
  double alpha = 0.0, beta = 0.0;

  double operator()(double x) const { return function(x, alpha, beta); }
};

double sigmoid_of(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}

using D = double;
constexpr std::array<Activation, 11> kActivations{{
    {"Affine", [](D x, D a, D b) { return a * x + b; }, true, true},
    {"Elu", [](D x, D a, D) { return x >= 0 ? x : a * std::expm1(x); }, true, false, 1.0},
    {"HardSigmoid", [](D x, D a, D b) { return std::clamp(a * x + b, 0.0, 1.0); }, true, true, 0.2,
     0.5},
    {"LeakyRelu", [](D x, D a, D) { return x >= 0 ? x : a * x; }, true, false, 0.01},
    {"Relu", [](D x, D, D) { return std::max(x, 0.0); }},
    {"ScaledTanh", [](D x, D a, D b) { return a * std::tanh(b * x); }, true, true},
    {"Sigmoid", [](D x, D, D) { return sigmoid_of(x); }},
    {"Softplus", [](D x, D, D) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }},
    {"Softsign", [](D x, D, D) { return x / (1.0 + std::fabs(x)); }},
    {"Tanh", [](D x, D, D) { return std::tanh(x); }},
    {"ThresholdedRelu", [](D x, D a, D) { return x >= a ? x : 0.0; }, true, false, 1.0},
}};

/// A [rows, columns] matrix times a vector, plus a bias if there is one.
void multiply(const double* matrix, const double* vector, const double* bias, std::int64_t rows,
              std::int64_t columns, double* to) {
  for (std::int64_t r = 0; r < rows; ++r) {
    double total = bias == nullptr ? 0.0 : bias[r];
    for (std::int64_t c = 0; c < columns; ++c)
      total += matrix[r * columns + c] * vector[c];
    to[r] = total;
  }
}

/// What one direction of a layer reads at every step.
struct Direction {
  const double* r = nullptr;          // recurrence weights
  const double* r_bias = nullptr;     // null: none
  const double* peepholes = nullptr;  // null: none
  const Activation* activations = nullptr;
};

/// Sizes, weights and the walk over steps, directions and batch that RNN, GRU and LSTM share.
class Layer {
 public:
  Layer(const KernelCall& call, std::int64_t gates, std::size_t functions,
        const std::vector<std::string>& defaults)
      : call_(call), gates_(gates), functions_(functions) {
    const Tensor& x = call.input(0);
    const Tensor& w = call.input(1);
    require_type(call, x.dtype(), kFloats);
    if (x.rank() != 3 || w.rank() != 3) call.fail("X and W must have 3 dimensions");
    is_batch_first_ = call.attributes().get_int("layout", 0) != 0;
    steps_ = x.dim(is_batch_first_ ? 1 : 0);
    batch_ = x.dim(is_batch_first_ ? 0 : 1);
    inputs_ = x.dim(2);
    directions_ = w.dim(0);
    hidden = w.dim(1) / gates;
    const std::string direction = call.attributes().get_string("direction", "forward");
    is_reverse_ = direction == "reverse";
    if (directions_ != (direction == "bidirectional" ? 2 : 1)) {
      call.fail("direction " + direction + " does not fit W " + format_dims(w.dims()));
    }
    x_ = to_doubles(x);
    w_ = parameter(1, {directions_, gates * hidden, inputs_});
    r_ = parameter(2, {directions_, gates * hidden, hidden});
    b_ = parameter(3, {directions_, 2 * gates * hidden});
    clip_ = call.attributes().get_float("clip", 0.0F);
    read_activations(defaults);
  }

  /// The values of an optional input; none if it is absent.
  std::vector<double> parameter(std::size_t input, const Dims& dims) const {
    if (!call_.has_input(input)) return {};
    const Tensor& tensor = call_.input(input);
    if (tensor.dims() != dims) {
      call_.fail("input " + std::to_string(input) + " " + format_dims(tensor.dims()) + " must be " +
                 format_dims(dims));
    }
    return to_doubles(tensor);
  }

  Dims state_dims() const {
    return is_batch_first_ ? Dims{batch_, directions_, hidden} : Dims{directions_, batch_, hidden};
  }

  double clipped(double x) const { return clip_ > 0.0 ? std::clamp(x, -clip_, clip_) : x; }

  /// Calls step(direction, gates, h, c) for all steps: `gates` are W x + Wb, and h and c the state
  /// to move on. Writes the outputs.
  template <class Step>
  void run(KernelCall& call, const std::vector<double>& peepholes, bool has_cell,
           const Step& step) {
    const std::vector<double> lengths = parameter(4, {batch_});
    std::vector<double> h = initial(5);
    std::vector<double> c = has_cell ? initial(6) : h;
    std::vector<double> y(static_cast<std::size_t>(steps_ * directions_ * batch_ * hidden), 0.0);
    parallel_for(directions_ * batch_, steps_ * gates_ * hidden * (inputs_ + hidden),
                 [&](std::int64_t task) {
                   const std::int64_t d = task / batch_;
                   const std::int64_t b = task % batch_;
                   const Direction direction = direction_of(d, peepholes);
                   const double* bias = b_.empty() ? nullptr : b_.data() + d * 2 * gates_ * hidden;
                   double* state = h.data() + state_offset(d, b);
                   double* cell = c.data() + state_offset(d, b);
                   const std::int64_t length =
                       lengths.empty() ? steps_
                                       : std::clamp(static_cast<std::int64_t>(lengths[at(b)]),
                                                    std::int64_t{0}, steps_);
                   std::vector<double> gates(at(gates_ * hidden));
                   for (std::int64_t s = 0; s < length; ++s) {
                     const std::int64_t t = is_reverse_ || d == 1 ? length - 1 - s : s;
                     multiply(w_.data() + d * gates_ * hidden * inputs_, x_.data() + x_offset(t, b),
                              bias, gates_ * hidden, inputs_, gates.data());
                     step(direction, gates, state, cell);
                     std::copy_n(state, hidden, y.data() + y_offset(t, d, b));
                   }
                 });
    write(call, 0,
          is_batch_first_ ? Dims{batch_, steps_, directions_, hidden}
                          : Dims{steps_, directions_, batch_, hidden},
          y);
    write(call, 1, state_dims(), h);
    if (has_cell) write(call, 2, state_dims(), c);
  }

  std::int64_t hidden = 0;

 private:
  static std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

  std::vector<double> initial(std::size_t input) const {
    std::vector<double> values = parameter(input, state_dims());
    if (values.empty()) values.assign(at(product(state_dims())), 0.0);
    return values;
  }

  void read_activations(const std::vector<std::string>& defaults) {
    const Attribute* given = call_.attributes().find("activations");
    const auto* names =
        given == nullptr ? nullptr : std::get_if<std::vector<std::string>>(&given->value);
    const std::vector<float> alphas = call_.attributes().get_floats("activation_alpha");
    const std::vector<float> betas = call_.attributes().get_floats("activation_beta");
    std::size_t alpha = 0;
    std::size_t beta = 0;
    for (std::size_t i = 0; i < at(directions_) * functions_; ++i) {
      const std::string& name =
          names != nullptr && i < names->size() ? (*names)[i] : defaults[i % functions_];
      const auto* found = std::find_if(kActivations.begin(), kActivations.end(),
                                       [&](const Activation& item) { return item.name == name; });
      if (found == kActivations.end()) call_.fail("activation " + name + " is unknown");
      Activation& added = activations_.emplace_back(*found);
      // The lists hold values of those functions only that have parameters.
      if (added.has_alpha && alpha < alphas.size()) added.alpha = alphas[alpha++];
      if (added.has_beta && beta < betas.size()) added.beta = betas[beta++];
    }
  }

  Direction direction_of(std::int64_t d, const std::vector<double>& peepholes) const {
    Direction direction;
    direction.r = r_.data() + d * gates_ * hidden * hidden;
    if (!b_.empty()) direction.r_bias = b_.data() + (2 * d + 1) * gates_ * hidden;
    if (!peepholes.empty()) direction.peepholes = peepholes.data() + d * 3 * hidden;
    direction.activations = activations_.data() + at(d) * functions_;
    return direction;
  }

  std::int64_t x_offset(std::int64_t t, std::int64_t b) const {
    return (is_batch_first_ ? b * steps_ + t : t * batch_ + b) * inputs_;
  }
  std::int64_t state_offset(std::int64_t d, std::int64_t b) const {
    return (is_batch_first_ ? b * directions_ + d : d * batch_ + b) * hidden;
  }
  std::int64_t y_offset(std::int64_t t, std::int64_t d, std::int64_t b) const {
    return (is_batch_first_ ? (b * steps_ + t) * directions_ + d
                            : (t * directions_ + d) * batch_ + b) *
           hidden;
  }

  void write(KernelCall& call, std::size_t output, const Dims& dims,
             const std::vector<double>& values) const {
    if (output >= call.output_count()) return;
    const DType dtype = call.input(0).dtype();
    Tensor& out = call.output(output, dtype, dims);
    if (out) store(dtype, out.mutable_raw().data(), 0, 1, out.size(), values.data());
  }

  const KernelCall& call_;
  std::int64_t gates_;
  std::size_t functions_;
  std::int64_t steps_ = 0, batch_ = 0, inputs_ = 0, directions_ = 0;
  bool is_batch_first_ = false, is_reverse_ = false;
  double clip_ = 0.0;
  std::vector<double> x_, w_, r_, b_;
  std::vector<Activation> activations_;
};

}  // namespace

void rnn(KernelCall& call) {
  Layer layer(call, 1, 1, {"Tanh"});
  const std::int64_t hidden = layer.hidden;
  layer.run(call, {}, false,
            [&](const Direction& d, const std::vector<double>& gates, double* h, double*) {
              std::vector<double> next(static_cast<std::size_t>(hidden));
              multiply(d.r, h, d.r_bias, hidden, hidden, next.data());
              for (std::size_t j = 0; j < next.size(); ++j)
                h[j] = d.activations[0](layer.clipped(gates[j] + next[j]));
            });
}

void gru(KernelCall& call) {
  Layer layer(call, 3, 2, {"Sigmoid", "Tanh"});
  const std::int64_t hidden = layer.hidden;
  const auto n = static_cast<std::size_t>(hidden);
  const bool resets_after = call.attributes().get_int("linear_before_reset", 0) != 0;
  layer.run(
      call, {}, false,
      [&](const Direction& d, const std::vector<double>& gates, double* h, double*) {
        std::vector<double> recurrent(3 * n), z(n), reset(n);
        multiply(d.r, h, d.r_bias, 3 * hidden, hidden, recurrent.data());
        for (std::size_t j = 0; j < n; ++j) {
          z[j] = d.activations[0](layer.clipped(gates[j] + recurrent[j]));
          reset[j] = d.activations[0](layer.clipped(gates[n + j] + recurrent[n + j]));
        }
        std::vector<double> kept(n), candidate(n);
        if (resets_after) {
          for (std::size_t j = 0; j < n; ++j)
            candidate[j] = reset[j] * recurrent[2 * n + j];
        } else {
          for (std::size_t j = 0; j < n; ++j)
            kept[j] = reset[j] * h[j];
          const double* bias = d.r_bias == nullptr ? nullptr : d.r_bias + 2 * hidden;
          multiply(d.r + 2 * hidden * hidden, kept.data(), bias, hidden, hidden, candidate.data());
        }
        for (std::size_t j = 0; j < n; ++j) {
          const double value = d.activations[1](layer.clipped(gates[2 * n + j] + candidate[j]));
          h[j] = (1.0 - z[j]) * value + z[j] * h[j];
        }
      });
}

void lstm(KernelCall& call) {
  Layer layer(call, 4, 3, {"Sigmoid", "Tanh", "Tanh"});
  const std::int64_t hidden = layer.hidden;
  const auto n = static_cast<std::size_t>(hidden);
  const std::int64_t directions = call.input(1).dim(0);
  const std::vector<double> peepholes = layer.parameter(7, {directions, 3 * hidden});
  const bool is_coupled = call.attributes().get_int("input_forget", 0) != 0;
  layer.run(
      call, peepholes, true,
      [&](const Direction& d, const std::vector<double>& gates, double* h, double* c) {
        std::vector<double> recurrent(4 * n);
        multiply(d.r, h, d.r_bias, 4 * hidden, hidden, recurrent.data());
        const double* p = d.peepholes;  // of input, output and forget gate
        const auto gate = [&](std::size_t which, std::size_t j, double peephole) {
          return layer.clipped(gates[which * n + j] + recurrent[which * n + j] + peephole);
        };
        for (std::size_t j = 0; j < n; ++j) {
          const double in = d.activations[0](gate(0, j, p == nullptr ? 0.0 : p[j] * c[j]));
          const double forget =
              is_coupled ? 1.0 - in
                         : d.activations[0](gate(2, j, p == nullptr ? 0.0 : p[2 * n + j] * c[j]));
          c[j] = forget * c[j] + in * d.activations[1](gate(3, j, 0.0));
          const double out = d.activations[0](gate(1, j, p == nullptr ? 0.0 : p[n + j] * c[j]));
          h[j] = out * d.activations[2](c[j]);
        }
      });
}

}  // namespace braid::reference::ops
