#include <cmath>

#include "plan/attention_layout.hpp"
#include "plan/operator.hpp"
#include "tests/unit/backends/properties/cases.hpp"

namespace braid::properties {
namespace {

using Matrices = AttentionLayout::Matrices;

// Rows of `heads` heads of `batch` sequences: [batch, heads, rows, width], or with heads and rows
// the other way round, as products write them.
struct Heads {
  Dims dims;
  Matrices at;
};

Heads heads_of(Random& random, std::int64_t batch, std::int64_t heads, std::int64_t rows,
               std::int64_t width) {
  if (random.chance()) {
    return {{batch, heads, rows, width}, {0, width, 1, {heads * rows * width, rows * width}}};
  }
  return {{batch, rows, heads, width}, {0, heads * width, 1, {rows * heads * width, width}}};
}

double at(const std::vector<double>& values, const Matrices& matrices, std::int64_t b,
          std::int64_t h, std::int64_t row, std::int64_t column) {
  return values[static_cast<std::size_t>(matrices.offset + b * matrices.batch[0] +
                                         h * matrices.batch[1] + row * matrices.row +
                                         column * matrices.column)];
}

// By the definition, in double precision.
class Definition {
 public:
  Definition(const AttentionLayout& layout, const std::vector<Tensor>& inputs) : layout_(layout) {
    for (const Tensor& input : inputs)
      values_.push_back(reference::to_doubles(input));
  }

  Tensor compute(const Dims& dims) const {
    std::vector<double> y(static_cast<std::size_t>(reference::product(dims)));
    for (std::int64_t b = 0; b < layout_.batch[0]; ++b) {
      for (std::int64_t h = 0; h < layout_.batch[1]; ++h) {
        for (std::int64_t row = 0; row < layout_.rows; ++row)
          compute_row(b, h, row, y);
      }
    }
    return reference::tensor(DType::Float32, dims, y);
  }

 private:
  double score(std::int64_t b, std::int64_t h, std::int64_t row, std::int64_t key) const {
    double sum = 0;
    for (std::int64_t i = 0; i < layout_.width; ++i)
      sum += at(values_[0], layout_.q, b, h, row, i) * at(values_[1], layout_.k, b, h, key, i);
    sum *= layout_.scale;
    for (std::size_t a = 0; a < layout_.addends.size(); ++a) {
      const AttentionLayout::Addend& addend = layout_.addends[a];
      sum += addend.factor * at(values_[3 + a], addend.at, b, h, row, key);
    }
    return sum;
  }

  void compute_row(std::int64_t b, std::int64_t h, std::int64_t row, std::vector<double>& y) const {
    std::vector<double> weights;
    double largest = -INFINITY;
    for (std::int64_t key = 0; key < layout_.keys; ++key) {
      weights.push_back(score(b, h, row, key));
      largest = std::max(largest, weights.back());
    }
    double sum = 0;
    for (double& weight : weights)
      sum += weight = std::exp(weight - largest);
    for (std::int64_t i = 0; i < layout_.value_width; ++i) {
      double result = 0;
      for (std::int64_t key = 0; key < layout_.keys; ++key) {
        result +=
            weights[static_cast<std::size_t>(key)] / sum * at(values_[2], layout_.v, b, h, key, i);
      }
      const Matrices& to = layout_.y;
      y[static_cast<std::size_t>(b * to.batch[0] + h * to.batch[1] + row * to.row + i)] = result;
    }
  }

  const AttentionLayout& layout_;
  std::vector<std::vector<double>> values_;
};

Sample make_attention(Random& random) {
  AttentionLayout layout;
  layout.batch = {random.number(1, 3), random.number(1, 4)};
  layout.rows = random.size();
  layout.keys = random.size();
  layout.width = random.size();
  layout.value_width = random.size();
  layout.scale = static_cast<float>(random.number(1, 8)) / 8.0F;
  const std::int64_t b = layout.batch[0];
  const std::int64_t h = layout.batch[1];
  const Heads q = heads_of(random, b, h, layout.rows, layout.width);
  const Heads k = heads_of(random, b, h, layout.keys, layout.width);
  const Heads v = heads_of(random, b, h, layout.keys, layout.value_width);
  const Heads y = heads_of(random, b, h, layout.rows, layout.value_width);
  layout.q = q.at;
  layout.k = k.at;
  layout.v = v.at;
  layout.y = y.at;
  testing_support::Call call;
  call.op = "Attention";
  call.domain = kFusedDomain;
  for (const Heads* operand : {&q, &k, &v})
    call.inputs.push_back(random.tensor(operand->dims, DType::Float32));
  if (random.chance()) {  // one row of keys per sequence, as a mask has it
    layout.addends.push_back({{0, 0, 1, {layout.keys, 0}}, 0.5F});
    call.inputs.push_back(random.tensor({b, 1, 1, layout.keys}, DType::Float32));
  }
  call.attributes = layout.to_attributes();
  const Tensor expected = Definition(layout, call.inputs).compute(y.dims);
  return {call, 1e-5, {expected}};
}

}  // namespace

void add_attention_cases(Cases& cases) {
  cases[{std::string(kFusedDomain), "Attention"}] = make_attention;
}

}  // namespace braid::properties
