#include "kernels/cuda/attention_members.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "kernels/cuda/launch.hpp"
#include "support.hpp"

namespace braid::cuda {
namespace {

struct Case {
  const char* name;
  int queries, keys, size;
  int value_size = 0;  // 0: as size
  int heads = 2;
  int heads_per_key = 1;
  bool is_causal = false;
  bool has_bias = false;
  bool has_positions_first = false;  // [batch, positions, heads, size]
  Element element = Element::Float;
  int members = 2;
  int batch = 1;
};

class AttentionMembersTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const Case& c = GetParam();
    args_.members = c.members;
    args_.batch = c.batch;
    args_.heads = c.heads;
    args_.heads_per_key = c.heads_per_key;
    args_.queries = c.queries;
    args_.keys = c.keys;
    args_.size = c.size;
    args_.value_size = c.value_size == 0 ? c.size : c.value_size;
    args_.scale = 2.0F / std::sqrt(static_cast<float>(c.size));
    args_.is_causal = c.is_causal;
    args_.first_key = c.is_causal ? c.keys - c.queries : 0;
    const int key_heads = c.heads / c.heads_per_key;
    args_.q_strides = strides(c.heads, c.queries, args_.size);
    args_.k_strides = strides(key_heads, c.keys, args_.size);
    args_.v_strides = strides(key_heads, c.keys, args_.value_size);
    args_.y_strides = strides(c.heads, c.queries, args_.value_size);
    q_ = Values::random(c.element, count(args_.q_strides), 1);
    k_ = Values::random(c.element, count(args_.k_strides), 2);
    v_ = Values::random(c.element, count(args_.v_strides), 3);
    y_ = Values(c.element, count(args_.y_strides));
    args_.q = q_.data();
    args_.k = k_.data();
    args_.v = v_.data();
    args_.y = y_.data();
    if (c.has_bias) add_biases(c);
  }

  // One per head and key position, a mask over the keys of each batch, and one by how far a key
  // lies behind the query.
  void add_biases(const Case& c) {
    const auto scores = static_cast<std::size_t>(c.queries) * static_cast<std::size_t>(c.keys);
    bias_ = Values::random(c.element, static_cast<std::size_t>(c.heads) * scores, 4);
    args_.biases[0] = {bias_.data(), 0, 0, c.queries * c.keys, c.keys, 1, 0.75F};
    mask_ = Values(c.element,
                   std::vector<double>(static_cast<std::size_t>(c.members * c.batch * c.keys)));
    for (std::size_t i = 0; i < mask_.size(); i += 3)
      mask_.set(i, -std::numeric_limits<float>::infinity());
    args_.biases[1] = {mask_.data(), c.batch * c.keys, c.keys, 0, 0, 1};
    const int distances = c.queries + c.keys - 1;
    distances_ = Values::random(c.element, static_cast<std::size_t>(c.heads * distances), 5);
    args_.biases[2] = {distances_.data(), 0, 0, distances, 1, 1, -0.5F};
  }

  HeadStrides strides(int heads, int positions, int size) const {
    const std::int64_t image = std::int64_t{heads} * positions * size;
    if (GetParam().has_positions_first)
      return {image * args_.batch, image, size, std::int64_t{heads} * size, 1};
    return {image * args_.batch, image, std::int64_t{positions} * size, size, 1};
  }

  std::size_t count(const HeadStrides& strides) const {
    return static_cast<std::size_t>(args_.members * strides.member);
  }

  static std::size_t offset(const HeadStrides& strides, int m, int b, int h, int position, int i) {
    return static_cast<std::size_t>(m * strides.member + b * strides.batch + h * strides.head +
                                    position * strides.position + i);
  }

  double bias_at(const Values& values, const ScoreBias& bias, int m, int b, int h, int q,
                 int k) const {
    if (bias.data == nullptr) return 0.0;
    return bias.factor *
           values[static_cast<std::size_t>(m * bias.member + b * bias.batch + h * bias.head +
                                           q * bias.query + k * bias.key)];
  }

  std::vector<double> weights(int m, int b, int h, int query) const {
    std::vector<double> scores;
    double total = 0.0;
    for (int key = 0; key < args_.keys; ++key) {
      double score = 0.0;
      for (int i = 0; i < args_.size; ++i)
        score += q_[offset(args_.q_strides, m, b, h, query, i)] *
                 k_[offset(args_.k_strides, m, b, h / args_.heads_per_key, key, i)];
      score = score * args_.scale + bias_at(bias_, args_.biases[0], m, b, h, query, key) +
              bias_at(mask_, args_.biases[1], m, b, h, query, key) +
              bias_at(distances_, args_.biases[2], m, b, h, query, key);
      if (args_.is_causal && key > query + args_.first_key) score = -INFINITY;
      scores.push_back(std::exp(score));
      total += scores.back();
    }
    for (double& score : scores)
      score /= total;
    return scores;
  }

  std::vector<double> expected() const {
    std::vector<double> all(y_.size());
    for (int m = 0; m < args_.members; ++m)
      for (int b = 0; b < args_.batch; ++b)
        for (int h = 0; h < args_.heads; ++h)
          for (int query = 0; query < args_.queries; ++query) {
            const std::vector<double> w = weights(m, b, h, query);
            for (int i = 0; i < args_.value_size; ++i) {
              double& sum = all[offset(args_.y_strides, m, b, h, query, i)];
              for (int key = 0; key < args_.keys; ++key)
                sum += w[static_cast<std::size_t>(key)] *
                       v_[offset(args_.v_strides, m, b, h / args_.heads_per_key, key, i)];
            }
          }
    return all;
  }

  Values q_{Element::Float, 0};
  Values k_ = q_;
  Values v_ = q_;
  Values y_ = q_;
  Values bias_ = q_;
  Values mask_ = q_;
  Values distances_ = q_;
  AttentionMembersArgs args_;
};

TEST_P(AttentionMembersTest, AgreesWithDoublePrecision) {
  const Launch launch = launch_attention_members(args_, GetParam().element);
  for (const emulator::Schedule schedule : kSchedules) {
    y_.poison();
    emulator::launch(launch, &args_, schedule);
    expect_close(y_, expected(), 4e-6 + rounding_of(GetParam().element));
  }
}

// A score is off by the rounding of its factors, a weight by e to that and its own rounding.
TEST_P(AttentionMembersTest, AgreesOnTensorCores) {
  const Element element = GetParam().element;
  const Launch launch = launch_attention_members_tensor(args_, element);
  const double rounding = element == Element::Float ? 0x1p-10 : 0.0;
  const double of_scores = rounding * args_.scale * args_.size / 2;
  for (const emulator::Schedule schedule : kSchedules) {
    y_.poison();
    emulator::launch(launch, &args_, schedule);
    expect_close(y_, expected(), 4e-6 + of_scores + rounding + 2 * rounding_of(element));
  }
}

// Keys that grow by far: the results so far must shrink, more than once.
TEST_P(AttentionMembersTest, ShrinksOnTensorCores) {
  const Case& c = GetParam();
  const double largest = 40.0 / (args_.scale * args_.size);
  for (std::size_t i = 0; i < q_.size(); ++i)
    q_.set(i, 1.0F);
  const std::int64_t heads = c.heads / c.heads_per_key;
  for (int m = 0; m < c.members; ++m)
    for (int b = 0; b < c.batch; ++b)
      for (int h = 0; h < heads; ++h)
        for (int key = 0; key < c.keys; ++key)
          for (int i = 0; i < args_.size; ++i)
            k_.set(offset(args_.k_strides, m, b, h, key, i),
                   static_cast<float>(largest * key / c.keys));
  y_.poison();
  emulator::launch(launch_attention_members_tensor(args_, c.element), &args_);
  const double rounding = c.element == Element::Float ? 0x1p-10 : 0.0;
  expect_close(y_, expected(), 40 * rounding + 2 * rounding_of(c.element) + 1e-4);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, AttentionMembersTest,
    testing::Values(
        Case{"one", 1, 1, 32}, Case{"small_heads", 33, 65, 12}, Case{"head_32", 66, 40, 32},
        Case{"head_64", 65, 33, 64, 0, 1}, Case{"head_80", 20, 35, 80, 0, 1},
        Case{"head_128", 33, 40, 128, 0, 1}, Case{"ragged_head", 5, 7, 65, 0, 2},
        Case{"other_values", 9, 33, 16, 30}, Case{"causal", 40, 40, 32, 0, 2, 1, true},
        Case{"causal_past", 3, 70, 32, 0, 1, 1, true}, Case{"grouped", 7, 9, 32, 0, 6, 3},
        Case{"bias", 35, 40, 32, 0, 3, 1, false, true},
        Case{"bias_causal", 35, 40, 64, 0, 2, 2, true, true, true, Element::Float, 2, 2},
        Case{"positions_first", 10, 33, 36, 0, 3, 1, false, true, true, Element::Float, 1, 3},
        Case{"half", 34, 33, 64, 0, 2, 1, false, true, true, Element::Half},
        Case{"bfloat", 4, 33, 32, 0, 2, 1, false, false, false, Element::BFloat16}),
    name_of<Case>);

TEST(AttentionMembers, GivesNoNumberWhereNoKeyCounts) {
  Values zeros(Element::Float, std::vector<double>(32));
  Values y(Element::Float, std::vector<double>(32));
  const float nothing = -std::numeric_limits<float>::infinity();
  AttentionMembersArgs args;
  args.q = args.k = args.v = zeros.data();
  args.y = y.data();
  args.size = args.value_size = 32;
  args.biases[0].data = &nothing;
  emulator::launch(launch_attention_members(args, Element::Float), &args);
  EXPECT_TRUE(std::isnan(y[0]));
  args.is_guarded = true;
  emulator::launch(launch_attention_members(args, Element::Float), &args);
  EXPECT_EQ(y[0], 0.0);
  args.size = 129;
  EXPECT_THROW(launch_attention_members(args, Element::Float), std::invalid_argument);
}

}  // namespace
}  // namespace braid::cuda
