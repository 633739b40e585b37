#include "plan/fuse/matrix_product.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>

#include "ir/einsum_equation.hpp"
#include "ir/rewrite.hpp"

namespace braid {
namespace {

using Dims = StridedView::Dims;
using Operand = MatrixProduct::Operand;

// ---- MatMul ----

std::optional<Operand> as_it_is(const Graph& graph, ValueId id) {
  const auto dims = known_dims(graph, id);
  if (!dims || dims->size() < 2) return std::nullopt;
  Operand operand{id, Dims(dims->size())};
  std::iota(operand.perm.begin(), operand.perm.end(), 0);
  return operand;
}

std::optional<MatrixProduct> product_of_matmul(const Graph& graph, const Node& node) {
  const auto a = as_it_is(graph, node.inputs[0]);
  const auto b = as_it_is(graph, node.inputs[1]);
  const auto y = as_it_is(graph, node.outputs[0]);
  if (!a || !b || !y) return std::nullopt;
  return MatrixProduct{&node, *a, *b, *y};
}

// ---- Einsum ----

bool has(const std::string& letters, char letter) {
  return letters.find(letter) != std::string::npos;
}

// The letter that one of the terms alone has, if there is just one such letter.
std::optional<char> only_in(const std::string& letters, const std::string& others) {
  std::string result;
  std::copy_if(letters.begin(), letters.end(), std::back_inserter(result),
               [&](char letter) { return !has(others, letter); });
  return result.size() == 1 ? std::optional(result[0]) : std::nullopt;
}

bool is_one_size_each(const Graph& graph, const std::string& letters, ValueId id,
                      std::map<char, std::int64_t>& sizes) {
  const auto dims = known_dims(graph, id);
  if (!dims || dims->size() != letters.size()) return false;
  for (std::size_t axis = 0; axis < letters.size(); ++axis) {
    const auto [entry, is_new] = sizes.try_emplace(letters[axis], (*dims)[axis]);
    if (!is_new && entry->second != (*dims)[axis]) return false;
  }
  return true;
}

struct Einsum {
  const Node* node;
  EinsumEquation equation;
};

std::optional<Einsum> einsum_of_two(const Graph& graph, const Node& node) {
  if (!node.is("Einsum") || node.inputs.size() != 2) return std::nullopt;
  auto equation = parse_einsum_equation(node.attributes.get_string("equation", ""), 2);
  std::map<char, std::int64_t> sizes;
  if (!equation || !is_one_size_each(graph, equation->inputs[0], node.inputs[0], sizes) ||
      !is_one_size_each(graph, equation->inputs[1], node.inputs[1], sizes) ||
      !is_one_size_each(graph, equation->output, node.outputs[0], sizes))
    return std::nullopt;
  return Einsum{&node, std::move(*equation)};
}

std::optional<Operand> arranged(ValueId id, const std::string& from, const std::string& to) {
  if (!std::is_permutation(from.begin(), from.end(), to.begin(), to.end())) return std::nullopt;
  Operand operand{id, {}};
  for (const char letter : to)
    operand.perm.push_back(static_cast<std::int64_t>(from.find(letter)));
  return operand;
}

bool repeats(std::string letters) {
  std::sort(letters.begin(), letters.end());
  return std::adjacent_find(letters.begin(), letters.end()) != letters.end();
}

// With the operand of this number on the left.
std::optional<MatrixProduct> arrange(const Einsum& einsum, std::size_t left,
                                     const std::string& batch, char row, char column, char summed) {
  if (repeats(batch + row + column + summed)) return std::nullopt;
  const auto& [node, equation] = einsum;
  const std::size_t right = 1 - left;
  const auto a = arranged(node->inputs[left], equation.inputs[left], batch + row + summed);
  const auto b = arranged(node->inputs[right], equation.inputs[right], batch + summed + column);
  const auto y = arranged(node->outputs[0], equation.output, batch + row + column);
  if (!a || !b || !y) return std::nullopt;
  return MatrixProduct{node, *a, *b, *y};
}

}  // namespace

std::optional<MatrixProduct> product_with_matrices(const Graph& graph, const Node& node) {
  if (node.is("MatMul")) return product_of_matmul(graph, node);
  const auto einsum = einsum_of_two(graph, node);
  if (!einsum || einsum->equation.output.size() < 2) return std::nullopt;
  const auto& [inputs, output] = einsum->equation;
  const std::size_t last = output.size() - 1;
  const std::size_t left = has(inputs[0], output[last - 1]) ? 0 : 1;
  const auto summed = only_in(inputs[left], output);
  if (!summed) return std::nullopt;
  return arrange(*einsum, left, output.substr(0, last - 1), output[last - 1], output[last],
                 *summed);
}

std::optional<MatrixProduct> product_of_matrices(const Graph& graph, const Node& node, ValueId a) {
  if (node.is("MatMul")) return node.inputs[0] == a ? product_of_matmul(graph, node) : std::nullopt;
  const auto einsum = einsum_of_two(graph, node);
  if (!einsum) return std::nullopt;
  const std::size_t left = node.inputs[0] == a ? 0 : 1;
  const std::string& letters = einsum->equation.inputs[left];
  const auto column = only_in(einsum->equation.output, letters);
  if (node.inputs[left] != a || letters.size() < 2 || !column) return std::nullopt;
  const std::size_t last = letters.size() - 1;
  return arrange(*einsum, left, letters.substr(0, last - 1), letters[last - 1], *column,
                 letters[last]);
}

}  // namespace braid
