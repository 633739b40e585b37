// SVMClassifier and SVMRegressor.
#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/reference/kernels.hpp"
#include "kernels/reference/ml_scores.hpp"

namespace braid::reference::ops {
namespace {

using Row = std::vector<double>;

// The kernel function of a support vector machine.
class SupportKernel {
 public:
  explicit SupportKernel(const KernelCall& call)
      : name_(call.attributes().get_string("kernel_type", "LINEAR")) {
    const std::vector<float> given = call.attributes().get_floats("kernel_params");
    std::copy_n(given.begin(), std::min<std::size_t>(given.size(), 3), parameters_.begin());
    if (name_ != "LINEAR" && name_ != "POLY" && name_ != "RBF" && name_ != "SIGMOID")
      call.fail("kernel_type '" + name_ + "' is none");
  }

  double operator()(const Row& x, const float* vector) const {
    double product = 0;
    double distance = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const auto v = static_cast<double>(vector[i]);
      product += x[i] * v;
      distance += (x[i] - v) * (x[i] - v);
    }
    const auto& [gamma, offset, degree] = parameters_;
    if (name_ == "RBF") return std::exp(-gamma * distance);
    if (name_ == "POLY") return std::pow(gamma * product + offset, degree);
    return name_ == "SIGMOID" ? std::tanh(gamma * product + offset) : product;
  }

 private:
  std::string name_;
  std::array<double, 3> parameters_{};
};

// Turns what pairs of classes say into a probability of each class, as libsvm does: by coordinate
// descent on the quadratic form of Wu, Lin and Weng (2004).
Row couple(const std::vector<Row>& pairwise) {
  const std::size_t count = pairwise.size();
  std::vector<Row> q(count, Row(count, 0));
  for (std::size_t t = 0; t < count; ++t) {
    for (std::size_t j = 0; j < count; ++j) {
      if (j == t) continue;
      q[t][t] += pairwise[j][t] * pairwise[j][t];
      q[t][j] = -pairwise[j][t] * pairwise[t][j];
    }
  }
  Row p(count, 1.0 / static_cast<double>(count));
  Row qp(count);
  const std::size_t most_turns = std::max<std::size_t>(100, count);
  for (std::size_t turn = 0; turn < most_turns; ++turn) {
    double pqp = 0;
    double error = 0;
    for (std::size_t t = 0; t < count; ++t) {
      qp[t] = 0;
      for (std::size_t j = 0; j < count; ++j)
        qp[t] += q[t][j] * p[j];
      pqp += p[t] * qp[t];
    }
    for (std::size_t t = 0; t < count; ++t)
      error = std::max(error, std::abs(qp[t] - pqp));
    if (error < 0.005 / static_cast<double>(count)) break;
    for (std::size_t t = 0; t < count; ++t) {
      const double step = (pqp - qp[t]) / q[t][t];
      p[t] += step;
      pqp = (pqp + step * (step * q[t][t] + 2 * qp[t])) / ((1 + step) * (1 + step));
      for (std::size_t j = 0; j < count; ++j) {
        qp[j] = (qp[j] + step * q[t][j]) / (1 + step);
        p[j] /= 1 + step;
      }
    }
  }
  return p;
}

// One classifier for each pair of classes, which vote.
class PairwiseMachine {
 public:
  PairwiseMachine(const KernelCall& call, std::size_t classes)
      : kernel_(call),
        coefficients_(call.attributes().get_floats("coefficients")),
        vectors_(call.attributes().get_floats("support_vectors")),
        rho_(call.attributes().get_floats("rho")),
        prob_a_(call.attributes().get_floats("prob_a")),
        prob_b_(call.attributes().get_floats("prob_b")) {
    std::size_t total = 0;
    for (const std::int64_t count : call.attributes().get_ints("vectors_per_class")) {
      if (count < 0 || count > (std::int64_t{1} << 32)) call.fail("vectors_per_class is negative");
      starts_.push_back(total);
      total += static_cast<std::size_t>(count);
    }
    starts_.push_back(total);
    const std::size_t pairs = classes * (classes - 1) / 2;
    const bool has_probabilities = !prob_a_.empty();
    if (starts_.size() != classes + 1 || total == 0 || rho_.size() < pairs ||
        coefficients_.size() != (classes - 1) * total || vectors_.size() % total != 0 ||
        (has_probabilities && (prob_a_.size() < pairs || prob_b_.size() < pairs)))
      call.fail("its attributes do not go with " + std::to_string(classes) + " classes");
  }

  std::size_t features() const { return vectors_.size() / starts_.back(); }
  bool has_probabilities() const { return !prob_a_.empty(); }

  struct Decision {
    Row scores;  // of pairs
    std::size_t winner = 0;
  };

  Decision decide(const Row& row) const {
    const std::size_t total = starts_.back();
    const std::size_t classes = starts_.size() - 1;
    Row kernels;
    for (std::size_t v = 0; v < total; ++v)
      kernels.push_back(kernel_(row, vectors_.data() + v * row.size()));
    Decision decision;
    std::vector<int> votes(classes, 0);
    for (std::size_t i = 0; i < classes; ++i) {
      for (std::size_t j = i + 1; j < classes; ++j) {
        double sum = static_cast<double>(rho_[decision.scores.size()]);
        sum += dot(kernels, j - 1, i) + dot(kernels, i, j);
        ++votes[sum > 0 ? i : j];
        decision.scores.push_back(sum);
      }
    }
    const auto winner = std::max_element(votes.begin(), votes.end()) - votes.begin();
    decision.winner = static_cast<std::size_t>(winner);
    return decision;
  }

  Row probabilities(const Row& scores) const {
    const std::size_t classes = starts_.size() - 1;
    std::vector<Row> pairwise(classes, Row(classes, 0));
    std::size_t pair = 0;
    for (std::size_t i = 0; i < classes; ++i) {
      for (std::size_t j = i + 1; j < classes; ++j, ++pair) {
        const double x =
            scores[pair] * static_cast<double>(prob_a_[pair]) + static_cast<double>(prob_b_[pair]);
        pairwise[i][j] = std::clamp(1 / (1 + std::exp(x)), 1e-7, 1 - 1e-7);
        pairwise[j][i] = 1 - pairwise[i][j];
      }
    }
    return couple(pairwise);
  }

 private:
  // The vectors of class `of`, with the coefficients of row `line`.
  double dot(const Row& kernels, std::size_t line, std::size_t of) const {
    double sum = 0;
    for (std::size_t v = starts_[of]; v < starts_[of + 1]; ++v)
      sum += static_cast<double>(coefficients_[line * starts_.back() + v]) * kernels[v];
    return sum;
  }

  SupportKernel kernel_;
  std::vector<float> coefficients_;  // [classes - 1, vectors]
  std::vector<float> vectors_;       // [vectors, features]
  std::vector<float> rho_;           // of pairs, as the next two
  std::vector<float> prob_a_;
  std::vector<float> prob_b_;
  std::vector<std::size_t> starts_;  // the first vector of each class, and behind the last
};

}  // namespace

// For pairs of three and more classes, or with probabilities. Two classes without probabilities
// and linear machines have other labels and scores, by rules that no two runtimes share.
void svm_classifier(KernelCall& call) {
  const Labels labels = labels_of(call, "classlabels_ints");
  const std::size_t classes = labels.size();
  if (classes < 2 || (classes == 2 && !call.attributes().has("prob_a")))
    call.fail("two classes without probabilities are not supported");
  const PairwiseMachine machine(call, classes);
  const PostTransform transform = post_transform_of(call);
  std::vector<Row> results;
  std::vector<std::size_t> winners;
  for (const Row& row : rows_of(call)) {
    if (row.size() != machine.features()) call.fail("the input has another number of features");
    const PairwiseMachine::Decision decision = machine.decide(row);
    Row scores =
        machine.has_probabilities() ? machine.probabilities(decision.scores) : decision.scores;
    winners.push_back(decision.winner);
    apply(transform, scores);
    results.push_back(std::move(scores));
  }
  put_labels(call, labels, winners);
  put_rows(call, 1, results);
}

void svm_regressor(KernelCall& call) {
  const Attributes& attributes = call.attributes();
  const SupportKernel kernel(call);
  const std::vector<float> coefficients = attributes.get_floats("coefficients");
  const std::vector<float> rho = attributes.get_floats("rho");
  const auto supports =
      static_cast<std::size_t>(std::max<std::int64_t>(0, attributes.get_int("n_supports", 0)));
  std::vector<float> vectors = attributes.get_floats("support_vectors");
  std::vector<Row> results;
  if (rho.empty()) call.fail("attribute 'rho' is missing");
  for (const Row& row : rows_of(call)) {
    const bool is_linear = supports == 0;  // the coefficients are those of a line
    const std::vector<float>& read = is_linear ? coefficients : vectors;
    const std::size_t count = is_linear ? 1 : supports;
    if (read.size() != count * row.size() || (!is_linear && coefficients.size() != supports))
      call.fail("the support vectors do not go with " + std::to_string(row.size()) + " features");
    double sum = static_cast<double>(rho[0]);
    for (std::size_t s = 0; s < count; ++s) {
      const double weight = is_linear ? 1 : static_cast<double>(coefficients[s]);
      sum += weight * kernel(row, read.data() + s * row.size());
    }
    if (attributes.get_int("one_class", 0) != 0) sum = sum > 0 ? 1 : -1;
    results.push_back({sum});
    apply(post_transform_of(call), results.back());
  }
  put_rows(call, 0, results);
}

}  // namespace braid::reference::ops
