#include "synth/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "synth/reader.hpp"

namespace braid {
namespace {

constexpr double kBias = 0.1;
constexpr double kEmbedding = 0.5;
constexpr double kScaleSpread = 0.1;

double product(std::vector<std::int64_t>::const_iterator begin,
               std::vector<std::int64_t>::const_iterator end) {
  double result = 1;
  for (; begin != end; ++begin)
    result *= static_cast<double>(std::max<std::int64_t>(*begin, 1));
  return result;
}

double dim_or_one(const Reader& reader, std::int64_t axis) {
  const auto rank = static_cast<std::int64_t>(reader.dims.size());
  if (axis < 0) axis += rank;
  if (axis < 0 || axis >= rank) return 1;
  return static_cast<double>(
      std::max<std::int64_t>(reader.dims[static_cast<std::size_t>(axis)], 1));
}

Distribution bias() {
  return {0, kBias, false};
}
Distribution norm_scale() {
  return {1, kScaleSpread, false};
}
Distribution variance() {
  return {0.5F, 1, true};
}
Distribution with_fan_in(double gain, double fan_in) {
  return {0, std::sqrt(gain / fan_in), false};
}

Distribution conv_weight(const Reader& reader) {
  const auto& dims = reader.dims;
  if (dims.size() < 2) return bias();
  if (reader.node->is("ConvTranspose")) {  // [C, M / group, ...]: C / group inputs per output
    const auto group =
        static_cast<double>(std::max<std::int64_t>(reader.node->attributes.get_int("group", 1), 1));
    return with_fan_in(
        2, static_cast<double>(dims[0]) / group * product(dims.begin() + 2, dims.end()));
  }
  return with_fan_in(2, product(dims.begin() + 1, dims.end()));
}

Distribution conv(const Reader& reader) {
  return reader.slot == 1 ? conv_weight(reader) : bias();
}

Distribution matmul(const Reader& reader) {
  const bool is_vector = reader.dims.size() == 1;
  return with_fan_in(1, dim_or_one(reader, reader.slot == 0 || is_vector ? -1 : -2));
}

Distribution gemm(const Reader& reader) {
  if (reader.slot == 2) return bias();
  const bool is_left = reader.slot == 0;
  const bool is_transposed = reader.node->attributes.get_int(is_left ? "transA" : "transB", 0) != 0;
  return with_fan_in(1, dim_or_one(reader, is_left == is_transposed ? 0 : 1));
}

// The letters of one operand of an Einsum equation; "..." is left out, and so are axes under it.
std::string operand_letters(const std::string& equation, std::size_t slot) {
  std::string operands = equation.substr(0, equation.find("->"));
  operands.erase(std::remove(operands.begin(), operands.end(), ' '), operands.end());
  std::size_t begin = 0;
  for (std::size_t i = 0; i < slot && begin != std::string::npos; ++i) {
    begin = operands.find(',', begin);
    if (begin != std::string::npos) ++begin;
  }
  if (begin == std::string::npos) return "";
  return operands.substr(begin, operands.find(',', begin) - begin);
}

Distribution einsum(const Reader& reader) {
  const std::string equation = reader.node->attributes.get_string("equation", "");
  const std::size_t arrow = equation.find("->");
  const std::string letters = operand_letters(equation, reader.slot);
  if (arrow == std::string::npos || letters.size() != reader.dims.size()) {
    return with_fan_in(1, std::sqrt(dim_or_one(reader, 0)));
  }
  double contracted = 1;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const bool is_kept = equation.find(letters[i], arrow) != std::string::npos;
    if (!is_kept) contracted *= dim_or_one(reader, static_cast<std::int64_t>(i));
  }
  return with_fan_in(1, contracted);
}

// Inputs are data, scale, bias, mean, variance. As data it is a standardised conv weight.
Distribution norm(const Reader& reader) {
  switch (reader.slot) {
    case 0:
      return conv_weight(reader);
    case 1:
      return norm_scale();
    case 4:
      return variance();
    default:
      return bias();
  }
}

Distribution recurrent(const Reader& reader) {
  if (reader.slot != 1 && reader.slot != 2) return bias();
  const double hidden = static_cast<double>(reader.node->attributes.get_int("hidden_size", 0));
  return with_fan_in(1, hidden > 0 ? hidden : dim_or_one(reader, -1));
}

Distribution other(const Reader& reader) {
  const auto wide = std::count_if(reader.dims.begin(), reader.dims.end(),
                                  [](std::int64_t dim) { return dim > 1; });
  return wide <= 1 ? bias() : with_fan_in(1, dim_or_one(reader, 0));
}

Distribution gather(const Reader& reader) {
  return reader.slot == 0 ? Distribution{0, kEmbedding, false} : other(reader);
}

Distribution factor(const Reader&) {
  return norm_scale();
}
Distribution summand(const Reader&) {
  return bias();
}

using Rule = Distribution (*)(const Reader&);

const std::map<std::string, Rule>& rules() {
  static const std::map<std::string, Rule> table = {
      {"Conv", conv},
      {"ConvTranspose", conv},
      {"MatMul", matmul},
      {"Gemm", gemm},
      {"Einsum", einsum},
      {"Gather", gather},
      {"BatchNormalization", norm},
      {"InstanceNormalization", norm},
      {"LayerNormalization", norm},
      {"GroupNormalization", norm},
      {"RMSNormalization", norm},
      {"LSTM", recurrent},
      {"GRU", recurrent},
      {"RNN", recurrent},
      {"Mul", factor},
      {"Div", factor},
      {"Add", summand},
      {"Sub", summand},
  };
  return table;
}

}  // namespace

Distribution choose_distribution(const Graph& graph, const Weight& weight) {
  const Reader reader = find_reader(graph, weight.value, weight_tensor(graph, weight).dims());
  if (reader.node == nullptr || !reader.node->domain.empty()) return other(reader);
  const auto rule = rules().find(reader.node->op_type);
  return rule != rules().end() ? rule->second(reader) : other(reader);
}

}  // namespace braid
