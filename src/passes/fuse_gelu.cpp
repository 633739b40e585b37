// x * 0.5 * (1 + Erf(x / sqrt 2))                            =>   Gelu(x)
// x * 0.5 * (1 + Tanh(0.797.. * (x + 0.0447.. * x^3)))       =>   Gelu {approximate: tanh}(x)
//
// Before opset 20 exporters spell Gelu out, as Mul(Mul(x, Add(Erf(Div(x, 1.414..)), 1)), 0.5) or
// with the factors in another order. Does not fire before opset 20 nor on types of 16 bits but for
// executors (few runtimes have those), on other constants, nor when a part has other readers.

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>

#include "ir/rewrite.hpp"
#include "passes/passes.hpp"

namespace braid {
namespace {

class GeluFinder {
 public:
  GeluFinder(const Graph& graph, bool takes_16_bits)
      : graph_(graph),
        takes_16_bits_(takes_16_bits),
        readers_(reader_counts(graph)),
        producer_(producers(graph)) {}

  // What a node is the Gelu of.
  struct Match {
    ValueId argument = kAbsent;  // kAbsent if it is none
    bool is_approximate = false;
  };

  // The product has three factors: x, 0.5 and the sum; two of them are multiplied first.
  Match match(const Node& node) const {
    if (!node.is("Mul")) return {};
    for (const std::size_t side : {0U, 1U}) {
      const Node* inner = part(node.inputs[side], "Mul");
      if (inner == nullptr) continue;
      const ValueId third = node.inputs[1 - side];
      for (const std::size_t order : {0U, 1U}) {
        const ValueId first = inner->inputs[order];
        const ValueId second = inner->inputs[1 - order];
        for (const auto& [x, half, sum] :
             {std::tuple{first, second, third}, {first, third, second}, {third, first, second}}) {
          if (const Match found = gelu_of(x, half, sum); found.argument != kAbsent) return found;
        }
      }
    }
    return {};
  }

 private:
  const Node* part(ValueId id, std::string_view op) const {
    if (id == kAbsent || readers_[static_cast<std::size_t>(id)] != 1) return nullptr;
    const int from = producer_[static_cast<std::size_t>(id)];
    if (from < 0) return nullptr;
    const Node& node = graph_.nodes[static_cast<std::size_t>(from)];
    return node.is(op) ? &node : nullptr;
  }

  bool is_scalar(ValueId id, float expected) const {
    const auto value = constant_scalar(graph_, id);
    if (!value || graph_.value(id).constant.rank() > 1) return false;
    const double rounding = rounding_of(graph_.value(id).constant.dtype());
    return rounding > 0 && std::abs(*value - expected) <= rounding * std::max(1.0F, expected);
  }

  // How far a constant may be from what it stands for; 0 for types that are not looked at.
  double rounding_of(DType dtype) const {
    if (dtype == DType::Float32) return 1e-6;
    if (!takes_16_bits_) return 0;
    return dtype == DType::Float16 ? 0x1p-11 : dtype == DType::BFloat16 ? 0x1p-8 : 0;
  }

  // The operand of a commutative node that is not `id`, or that is not the scalar.
  static std::optional<ValueId> beside(const Node& node, ValueId id) {
    if (node.inputs[0] != id && node.inputs[1] != id) return std::nullopt;
    return node.inputs[0] == id ? node.inputs[1] : node.inputs[0];
  }

  std::optional<ValueId> beside(const Node& node, float scalar) const {
    for (const std::size_t side : {0U, 1U}) {
      if (is_scalar(node.inputs[side], scalar)) return node.inputs[1 - side];
    }
    return std::nullopt;
  }

  Match gelu_of(ValueId x, ValueId half, ValueId sum) const {
    if (!is_scalar(half, 0.5F) || rounding_of(graph_.value(x).type.dtype) == 0) return {};
    if (rank_of(graph_, x).value_or(0) == 0) return {};  // factors of rank 1 would raise it
    const Node* add = part(sum, "Add");
    const auto term = add == nullptr ? std::nullopt : beside(*add, 1.0F);
    if (!term) return {};
    if (const Node* erf = part(*term, "Erf"); erf != nullptr && is_scaled(erf->inputs[0], x))
      return {x, false};
    if (const Node* tanh = part(*term, "Tanh"); tanh != nullptr && is_cubic(tanh->inputs[0], x))
      return {x, true};
    return {};
  }

  // x / sqrt 2
  bool is_scaled(ValueId id, ValueId x) const {
    if (const Node* div = part(id, "Div"))
      return div->inputs[0] == x && is_scalar(div->inputs[1], std::sqrt(2.0F));
    const Node* mul = part(id, "Mul");
    return mul != nullptr && beside(*mul, std::sqrt(0.5F)) == x;
  }

  // sqrt(2 / pi) * (x + 0.044715 * x^3)
  bool is_cubic(ValueId id, ValueId x) const {
    const Node* scaled = part(id, "Mul");
    const auto sum = scaled == nullptr ? std::nullopt : beside(*scaled, 0.79788456F);
    const Node* add = sum ? part(*sum, "Add") : nullptr;
    const auto term = add == nullptr ? std::nullopt : beside(*add, x);
    const Node* product = term ? part(*term, "Mul") : nullptr;
    const auto cube = product == nullptr ? std::nullopt : beside(*product, 0.044715F);
    return cube && is_cube(*cube, x);
  }

  bool is_cube(ValueId id, ValueId x) const {
    if (const Node* pow = part(id, "Pow"))
      return pow->inputs[0] == x && is_scalar(pow->inputs[1], 3.0F);
    const Node* mul = part(id, "Mul");
    const auto other = mul == nullptr ? std::nullopt : beside(*mul, x);
    const Node* square = other ? part(*other, "Mul") : nullptr;
    return square != nullptr && square->inputs[0] == x && square->inputs[1] == x;
  }

  const Graph& graph_;
  const bool takes_16_bits_;
  std::vector<int> readers_;
  std::vector<int> producer_;
};

bool fuse(Graph& graph, bool takes_16_bits) {
  const GeluFinder finder(graph, takes_16_bits);
  std::vector<GeluFinder::Match> matches;
  for (const Node& node : graph.nodes)
    matches.push_back(finder.match(node));
  bool has_changed = false;
  for (std::size_t n = 0; n < matches.size(); ++n) {
    if (matches[n].argument == kAbsent) continue;
    Node& node = graph.nodes[n];
    node.op_type = "Gelu";
    node.inputs = {matches[n].argument};
    if (matches[n].is_approximate) node.attributes.set("approximate", std::string("tanh"));
    has_changed = true;
  }
  if (has_changed) remove_dead(graph);
  return has_changed;
}

}  // namespace

bool fuse_gelu(Model& model) {
  return model.opset() >= 20 && fuse(model.graph, false);
}

bool fuse_gelu_of_any_opset(Model& model) {
  return fuse(model.graph, true);
}

}  // namespace braid
