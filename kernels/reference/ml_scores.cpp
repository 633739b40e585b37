#include "kernels/reference/ml_scores.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/reference/convert.hpp"
#include "kernels/reference/dispatch.hpp"

namespace braid::reference {
namespace {

double logistic(double x) {
  const double v = 1 / (1 + std::exp(-std::abs(x)));
  return x < 0 ? 1 - v : v;
}

// The approximation that ONNX Runtime has, too.
double inverse_erf(double x) {
  const double log = std::log((1 - x) * (1 + x));
  const double a = 2 / (std::numbers::pi * 0.147) + 0.5 * log;
  const double root = std::sqrt(-a + std::sqrt(a * a - log / 0.147));
  return x < 0 ? -root : root;
}

// Scores of zero count as nothing with `skips_zero`.
void softmax(std::vector<double>& scores, bool skips_zero) {
  const double most = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& score : scores) {
    const bool is_zero = skips_zero && std::abs(score) <= 1e-7;
    score = is_zero ? score * std::exp(-most) : std::exp(score - most);
    sum += score;
  }
  for (double& score : scores)
    score = sum == 0 ? 0.5 : score / sum;
}

}  // namespace

PostTransform post_transform_of(const KernelCall& call) {
  const std::string name = call.attributes().get_string("post_transform", "NONE");
  if (name == "NONE") return PostTransform::None;
  if (name == "SOFTMAX") return PostTransform::Softmax;
  if (name == "LOGISTIC") return PostTransform::Logistic;
  if (name == "SOFTMAX_ZERO") return PostTransform::SoftmaxZero;
  if (name == "PROBIT") return PostTransform::Probit;
  call.fail("post_transform '" + name + "' is none");
}

void apply(PostTransform transform, std::vector<double>& scores) {
  if (scores.empty()) return;
  switch (transform) {
    case PostTransform::None:
      return;
    case PostTransform::Softmax:
      return softmax(scores, false);
    case PostTransform::SoftmaxZero:
      return softmax(scores, true);
    case PostTransform::Logistic:
      for (double& score : scores)
        score = logistic(score);
      return;
    case PostTransform::Probit:
      for (double& score : scores)
        score = std::numbers::sqrt2 * inverse_erf(2 * score - 1);
      return;
  }
}

std::vector<double> scores_of_two(const KernelCall& call, double score, bool is_probability,
                                  PostTransform transform) {
  if (transform == PostTransform::Probit) call.fail("PROBIT of one score is not supported");
  if (transform == PostTransform::Logistic) return {logistic(-score), logistic(score)};
  return {is_probability ? 1 - score : -score, score};
}

std::vector<std::string> string_list(const KernelCall& call, std::string_view name) {
  const Attribute* attribute = call.attributes().find(name);
  if (attribute == nullptr) return {};
  const auto* list = std::get_if<std::vector<std::string>>(&attribute->value);
  if (list == nullptr) call.fail("attribute '" + std::string(name) + "' must be strings");
  return *list;
}

Labels labels_of(const KernelCall& call, std::string_view ints) {
  return {call.attributes().get_ints(ints), string_list(call, "classlabels_strings")};
}

void put_labels(KernelCall& call, const Labels& labels, const std::vector<std::size_t>& classes) {
  const auto count = static_cast<std::int64_t>(classes.size());
  for (const std::size_t each : classes) {
    if (each >= labels.size()) call.fail("a class has no label");
  }
  if (!labels.strings.empty()) {
    std::vector<std::string> names;
    for (const std::size_t each : classes)
      names.push_back(labels.strings[each]);
    return call.set_output(0, Tensor::strings({count}, std::move(names)));
  }
  Tensor& out = call.output(0, DType::Int64, {count});
  for (std::size_t i = 0; out && i < classes.size(); ++i)
    out.mutable_data<std::int64_t>()[i] = labels.ints[classes[i]];
}

void put_rows(KernelCall& call, std::size_t output, const std::vector<std::vector<double>>& rows) {
  const std::size_t width = rows.empty() ? 0 : rows[0].size();
  Tensor& out =
      call.output(output, DType::Float32,
                  {static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(width)});
  if (!out) return;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::transform(rows[i].begin(), rows[i].end(),
                   out.mutable_data<float>().begin() + static_cast<std::ptrdiff_t>(i * width),
                   [](double value) { return static_cast<float>(value); });
  }
}

std::vector<std::vector<double>> rows_of(const KernelCall& call) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kNumbers);
  if (x.rank() != 1 && x.rank() != 2) call.fail("the input must have 1 or 2 dims");
  const std::vector<double> values = to_doubles(x);
  const std::int64_t count = x.rank() == 2 ? x.dim(0) : 1;
  const std::int64_t width = x.dim(x.rank() - 1);
  std::vector<std::vector<double>> rows;
  for (std::int64_t i = 0; i < count; ++i)
    rows.emplace_back(values.begin() + i * width, values.begin() + (i + 1) * width);
  return rows;
}

}  // namespace braid::reference
