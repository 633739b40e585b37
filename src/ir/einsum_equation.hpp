#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace braid {

/// An Einsum's equation. Without an arrow the output is spelled out: the letters that occur once,
/// in alphabetical order.
struct EinsumEquation {
  std::vector<std::string> inputs;  ///< a letter per axis
  std::string output;
};

/// Empty if the equation has "...", or not as many terms as there are operands.
std::optional<EinsumEquation> parse_einsum_equation(std::string_view text, std::size_t operands);

}  // namespace braid
