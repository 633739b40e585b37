// LinearClassifier and LinearRegressor.
#include <algorithm>

#include "kernels/reference/kernels.hpp"
#include "kernels/reference/ml_scores.hpp"

namespace braid::reference::ops {
namespace {

using Row = std::vector<double>;

// One score per intercept, or per row of the coefficients.
Row linear_scores(const KernelCall& call, const std::vector<float>& coefficients, std::size_t count,
                  const Row& row) {
  const std::vector<float> intercepts = call.attributes().get_floats("intercepts");
  if (coefficients.size() != count * row.size() ||
      (!intercepts.empty() && intercepts.size() != count))
    call.fail("coefficients and intercepts do not go with " + std::to_string(row.size()) +
              " features");
  Row scores;
  for (std::size_t s = 0; s < count; ++s) {
    double sum = intercepts.empty() ? 0 : static_cast<double>(intercepts[s]);
    for (std::size_t i = 0; i < row.size(); ++i)
      sum += row[i] * static_cast<double>(coefficients[s * row.size() + i]);
    scores.push_back(sum);
  }
  return scores;
}

}  // namespace

void linear_regressor(KernelCall& call) {
  const auto targets =
      static_cast<std::size_t>(std::max<std::int64_t>(1, call.attributes().get_int("targets", 1)));
  const std::vector<float> coefficients = call.attributes().get_floats("coefficients");
  const PostTransform transform = post_transform_of(call);
  std::vector<Row> results;
  for (const Row& row : rows_of(call)) {
    results.push_back(linear_scores(call, coefficients, targets, row));
    apply(transform, results.back());
  }
  put_rows(call, 0, results);
}

void linear_classifier(KernelCall& call) {
  const Labels labels = labels_of(call, "classlabels_ints");
  const std::vector<float> coefficients = call.attributes().get_floats("coefficients");
  const PostTransform transform = post_transform_of(call);
  std::vector<Row> results;
  std::vector<std::size_t> classes;
  if (labels.size() < 2) call.fail("fewer than two classes are not supported");
  for (const Row& row : rows_of(call)) {
    if (row.empty()) call.fail("the input has no features");
    Row scores = linear_scores(call, coefficients, coefficients.size() / row.size(), row);
    if (scores.size() == 1 && labels.size() == 2) {
      classes.push_back(scores[0] > 0 ? 1 : 0);
      results.push_back(scores_of_two(call, scores[0], true, transform));
      continue;
    }
    if (scores.size() != labels.size()) call.fail("each class must have coefficients of its own");
    const auto best = std::max_element(scores.begin(), scores.end());
    classes.push_back(static_cast<std::size_t>(best - scores.begin()));
    apply(transform, scores);
    results.push_back(std::move(scores));
  }
  put_labels(call, labels, classes);
  put_rows(call, 1, results);
}

}  // namespace braid::reference::ops
