#include "ir/einsum_equation.hpp"

#include <algorithm>

namespace braid {

std::optional<EinsumEquation> parse_einsum_equation(std::string_view text, std::size_t operands) {
  if (text.find('.') != std::string_view::npos) return std::nullopt;
  std::string letters(text);
  std::erase(letters, ' ');
  const std::size_t arrow = letters.find("->");
  std::string left = letters.substr(0, arrow);
  EinsumEquation equation;
  equation.inputs.emplace_back();
  for (const char letter : left) {
    if (letter == ',') {
      equation.inputs.emplace_back();
    } else {
      equation.inputs.back() += letter;
    }
  }
  if (equation.inputs.size() != operands) return std::nullopt;
  if (arrow != std::string::npos) {
    equation.output = letters.substr(arrow + 2);
    return equation;
  }
  std::erase(left, ',');
  std::sort(left.begin(), left.end());
  for (const char letter : left) {
    if (std::count(left.begin(), left.end(), letter) == 1) equation.output += letter;
  }
  return equation;
}

}  // namespace braid
