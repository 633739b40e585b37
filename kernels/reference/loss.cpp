#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {
namespace {

/// Scores [N, C, D], by image, class and place.
struct Scores {
  std::int64_t images, classes, places;
};

Scores read_scores(const KernelCall& call) {
  const Tensor& x = call.input(0);
  const Tensor& target = call.input(1);
  require_type(call, x.dtype(), kFloats);
  require_type(call, target.dtype(), kIntegers);
  Dims expected = x.dims();
  if (x.rank() >= 2) expected.erase(expected.begin() + 1);
  if (x.rank() < 2 || target.dims() != expected) {
    call.fail("target " + format_dims(target.dims()) + " does not fit scores " +
              format_dims(x.dims()));
  }
  if (call.has_input(2) && call.input(2).dims() != Dims{x.dim(1)}) {
    call.fail("there must be one weight for each class");
  }
  return {x.dim(0), x.dim(1), product(x.dims(), 2, x.rank())};
}

/// -log_probability of each target class times its weight, reduced as the node says.
void reduce_losses(KernelCall& call, const Scores& scores,
                   const std::vector<double>& log_probability) {
  const Tensor& target = call.input(1);
  const DType dtype = call.input(0).dtype();
  const auto& attributes = call.attributes();
  const bool ignores = attributes.has("ignore_index");
  const std::int64_t ignored = attributes.get_int("ignore_index", 0);
  const std::vector<double> weights =
      call.has_input(2) ? to_doubles(call.input(2)) : std::vector<double>{};
  const std::vector<double> labels = to_doubles(target);
  std::vector<double> losses(labels.size(), 0.0);
  double total = 0.0;
  double weight_total = 0.0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto label = static_cast<std::int64_t>(labels[i]);
    if (ignores && label == ignored) continue;
    if (label < 0 || label >= scores.classes) call.fail("a target is no class");
    const double weight = weights.empty() ? 1.0 : weights[static_cast<std::size_t>(label)];
    const auto at = static_cast<std::int64_t>(i);
    const std::int64_t place =
        (at / scores.places * scores.classes + label) * scores.places + at % scores.places;
    losses[i] = -log_probability[static_cast<std::size_t>(place)] * weight;
    total += losses[i];
    weight_total += weight;
  }
  const std::string reduction = attributes.get_string("reduction", "mean");
  if (reduction == "none") {
    Tensor& out = call.output(0, dtype, target.dims());
    store(dtype, out.mutable_raw().data(), 0, 1, out.size(), losses.data());
    return;
  }
  if (reduction != "mean" && reduction != "sum")
    call.fail("reduction " + reduction + " is unknown");
  if (reduction == "mean") total /= weight_total;
  store(dtype, call.output(0, dtype, {}).mutable_raw().data(), 0, 1, 1, &total);
}

/// log(softmax(x)) over the classes.
std::vector<double> log_softmax_of(const Scores& scores, std::vector<double> x) {
  for (std::int64_t row = 0; row < scores.images * scores.places; ++row) {
    double* first =
        x.data() + row / scores.places * scores.classes * scores.places + row % scores.places;
    double largest = -std::numeric_limits<double>::infinity();
    for (std::int64_t c = 0; c < scores.classes; ++c)
      largest = std::max(largest, first[c * scores.places]);
    double total = 0.0;
    for (std::int64_t c = 0; c < scores.classes; ++c)
      total += std::exp(first[c * scores.places] - largest);
    for (std::int64_t c = 0; c < scores.classes; ++c)
      first[c * scores.places] -= largest + std::log(total);
  }
  return x;
}

}  // namespace

void negative_log_likelihood_loss(KernelCall& call) {
  const Scores scores = read_scores(call);
  reduce_losses(call, scores, to_doubles(call.input(0)));
}

void softmax_cross_entropy_loss(KernelCall& call) {
  const Tensor& x = call.input(0);
  const Scores scores = read_scores(call);
  const std::vector<double> log_probability = log_softmax_of(scores, to_doubles(x));
  reduce_losses(call, scores, log_probability);
  if (call.output_count() < 2) return;
  Tensor& out = call.output(1, x.dtype(), x.dims());
  store(x.dtype(), out.mutable_raw().data(), 0, 1, out.size(), log_probability.data());
}

}  // namespace braid::reference::ops
