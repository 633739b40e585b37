#include "merge/align.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"

namespace braid {
namespace {

constexpr ValueId kUnmet = -2;

std::string describe_node(const Node& node) {
  return "node '" + node.name + "' (" + node.op_type + ")";
}

template <class T>
std::string text_of(const std::vector<T>& items) {
  std::string text = "[";
  for (std::size_t i = 0; i < items.size(); ++i) {
    if constexpr (std::is_same_v<T, std::string>) {
      text += (i > 0 ? ", " : "") + items[i];
    } else {
      text += (i > 0 ? ", " : "") + std::to_string(items[i]);
    }
  }
  return text + "]";
}

// Compares one alternative with itself in another attribute; subgraphs are compared by the caller.
struct AttributeText {
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(float value) const { return std::to_string(value); }
  std::string operator()(const std::string& value) const { return "'" + value + "'"; }
  std::string operator()(const Tensor& value) const { return describe(value); }
  std::string operator()(const Type& value) const { return to_string(value); }
  std::string operator()(const std::vector<std::int64_t>& value) const { return text_of(value); }
  std::string operator()(const std::vector<float>& value) const { return text_of(value); }
  std::string operator()(const std::vector<std::string>& value) const { return text_of(value); }
  template <class T>
  std::string operator()(const T&) const {
    return "something else";
  }
};

bool same_tensors(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_content);
}

bool same_value(const AttributeValue& a, const AttributeValue& b) {
  if (a.index() != b.index()) return false;
  return std::visit(
      [&](const auto& x) {
        using T = std::decay_t<decltype(x)>;
        const T& y = std::get<T>(b);
        if constexpr (std::is_same_v<T, Tensor>) {
          return same_content(x, y);
        } else if constexpr (std::is_same_v<T, std::vector<Tensor>>) {
          return same_tensors(x, y);
        } else if constexpr (std::is_same_v<T, SparseTensor>) {
          return x.dims == y.dims && same_content(x.values, y.values) &&
                 same_content(x.indices, y.indices);
        } else if constexpr (std::is_same_v<T, Type>) {
          return to_string(x) == to_string(y);
        } else if constexpr (std::is_same_v<T, GraphPtr> ||
                             std::is_same_v<T, std::vector<GraphPtr>>) {
          return true;  // members run their own subgraphs; what these read is compared apart
        } else if constexpr (std::is_same_v<T, std::vector<SparseTensor>> ||
                             std::is_same_v<T, std::vector<Type>>) {
          return x.size() == y.size();
        } else {
          return x == y;
        }
      },
      a);
}

class Aligner {
 public:
  Aligner(const Graph& first, const Graph& second, Difference& difference)
      : a_(first),
        b_(second),
        difference_(difference),
        producer_a_(producers(first)),
        producer_b_(producers(second)),
        is_structural_(structural_constants(first)),
        reverse_(second.values.size(), kUnmet) {
    alignment_.values.assign(first.values.size(), kUnmet);
    alignment_.nodes.assign(first.nodes.size(), -1);
  }

  std::optional<Alignment> run() {
    if (a_.outputs.size() != b_.outputs.size()) {
      differ("the graph's outputs", "the graph's outputs",
             std::to_string(a_.outputs.size()) + " outputs against " +
                 std::to_string(b_.outputs.size()));
      return std::nullopt;
    }
    for (std::size_t i = 0; i < a_.outputs.size(); ++i) {
      if (!meet(a_.outputs[i], b_.outputs[i], "the graph's output", "the graph's output")) {
        return std::nullopt;
      }
      while (!work_.empty()) {
        const auto [n, m] = work_.back();
        work_.pop_back();
        if (!meet_nodes(n, m)) return std::nullopt;
      }
    }
    if (!meet_unread_inputs()) return std::nullopt;
    for (ValueId& id : alignment_.values) {
      if (id == kUnmet) id = kAbsent;
    }
    return std::move(alignment_);
  }

 private:
  bool differ(std::string first, std::string second, std::string cause) {
    difference_ = {std::move(first), std::move(second), std::move(cause)};
    return false;
  }

  std::string kind_of(const Graph& graph, ValueId id, const std::vector<int>& producer) const {
    const int from = producer[static_cast<std::size_t>(id)];
    if (from >= 0) return describe_node(graph.nodes[static_cast<std::size_t>(from)]);
    return (graph.value(id).is_constant() ? "weight '" : "input '") + graph.value(id).name + "'";
  }

  bool meet(ValueId a, ValueId b, const std::string& reader_a, const std::string& reader_b) {
    if (a == kAbsent || b == kAbsent) {
      return a == b || differ(reader_a, reader_b, "an optional input is present on one side only");
    }
    ValueId& met = alignment_.values[static_cast<std::size_t>(a)];
    ValueId& back = reverse_[static_cast<std::size_t>(b)];
    const bool is_constant = a_.value(a).is_constant() && b_.value(b).is_constant();
    if (met != kUnmet || back != kUnmet) {
      if (met == b && back == a) return true;
      return differ(reader_a, reader_b,
                    "they are wired differently: " + kind_of(a_, a, producer_a_) + " against " +
                        kind_of(b_, b, producer_b_));
    }
    met = b;
    back = a;
    const int n = producer_a_[static_cast<std::size_t>(a)];
    const int m = producer_b_[static_cast<std::size_t>(b)];
    if (n >= 0 && m >= 0) {
      work_.emplace_back(n, m);
      return true;
    }
    if (n >= 0 || m >= 0 || a_.value(a).is_constant() != b_.value(b).is_constant()) {
      return differ(kind_of(a_, a, producer_a_), kind_of(b_, b, producer_b_),
                    "read by " + reader_a + " and " + reader_b + ", they are of different kinds");
    }
    return is_constant ? meet_constants(a, b, reader_a, reader_b) : meet_inputs(a, b);
  }

  bool meet_constants(ValueId a, ValueId b, const std::string& reader_a,
                      const std::string& reader_b) {
    const Tensor& x = a_.value(a).constant;
    const Tensor& y = b_.value(b).constant;
    const std::string first = "weight '" + a_.value(a).name + "' of " + reader_a;
    const std::string second = "weight '" + b_.value(b).name + "' of " + reader_b;
    if (x.dtype() != y.dtype() || x.dims() != y.dims()) {
      return differ(first, second, describe(x) + " against " + describe(y));
    }
    if (is_structural_[static_cast<std::size_t>(a)] && !same_content(x, y)) {
      return differ(first, second, "they set a shape or an axis, and their values differ");
    }
    return true;
  }

  bool meet_inputs(ValueId a, ValueId b) {
    const Type& x = a_.value(a).type;
    const Type& y = b_.value(b).type;
    const std::string first = "input '" + a_.value(a).name + "'";
    const std::string second = "input '" + b_.value(b).name + "'";
    const auto mismatch = [&] {
      return differ(first, second, to_string(x) + " against " + to_string(y));
    };
    if (x.kind != y.kind || x.dtype != y.dtype || x.shape.has_value() != y.shape.has_value()) {
      return mismatch();
    }
    if (!x.shape) return true;
    if (x.shape->size() != y.shape->size()) return mismatch();
    for (std::size_t i = 0; i < x.shape->size(); ++i) {
      if ((*x.shape)[i].size != (*y.shape)[i].size) return mismatch();
      if (!meet_symbols((*x.shape)[i].symbol, (*y.shape)[i].symbol)) {
        return differ(first, second,
                      "their symbolic dims are tied together differently: " + to_string(x) +
                          " against " + to_string(y));
      }
    }
    return true;
  }

  // One symbol is one size within a member, so symbols must correspond one to one.
  bool meet_symbols(const std::string& a, const std::string& b) {
    if (a.empty() || b.empty()) return true;
    const auto [forth, is_new] = symbols_.emplace(a, b);
    const auto [back, is_new_back] = reverse_symbols_.emplace(b, a);
    return forth->second == b && back->second == a;
  }

  bool meet_nodes(int n, int m) {
    int& met = alignment_.nodes[static_cast<std::size_t>(n)];
    if (met == m) return true;
    const Node& a = a_.nodes[static_cast<std::size_t>(n)];
    const Node& b = b_.nodes[static_cast<std::size_t>(m)];
    const std::string first = describe_node(a);
    const std::string second = describe_node(b);
    if (met >= 0) return differ(first, second, "they are wired differently");
    met = m;
    if (a.op_type != b.op_type || a.domain != b.domain || a.overload != b.overload) {
      return differ(first, second, "the operators differ");
    }
    if (a.inputs.size() != b.inputs.size() || a.outputs.size() != b.outputs.size()) {
      return differ(first, second, "they have different numbers of inputs or outputs");
    }
    if (!meet_attributes(a, b)) return false;
    for (std::size_t i = 0; i < a.outputs.size(); ++i) {
      if (!meet_output(a.outputs[i], b.outputs[i], first, second)) return false;
    }
    // Pushed in reverse so that the walk goes on at the first input.
    for (std::size_t i = a.inputs.size(); i-- > 0;) {
      if (!meet(a.inputs[i], b.inputs[i], first, second)) return false;
    }
    return meet_subgraphs(a, b, first, second);
  }

  bool meet_output(ValueId a, ValueId b, const std::string& first, const std::string& second) {
    if (a == kAbsent || b == kAbsent) return true;  // an unread output on one side is no matter
    ValueId& met = alignment_.values[static_cast<std::size_t>(a)];
    ValueId& back = reverse_[static_cast<std::size_t>(b)];
    if ((met != kUnmet && met != b) || (back != kUnmet && back != a)) {
      return differ(first, second, "different outputs of them are read");
    }
    met = b;
    back = a;
    return true;
  }

  bool meet_attributes(const Node& a, const Node& b) {
    for (const Attribute& attribute : a.attributes) {
      const Attribute* other = b.attributes.find(attribute.name);
      if (other == nullptr || !same_value(attribute.value, other->value)) {
        return differ(describe_node(a), describe_node(b),
                      "attribute '" + attribute.name + "' is " +
                          std::visit(AttributeText{}, attribute.value) + " here and " +
                          (other ? std::visit(AttributeText{}, other->value) : "absent") +
                          " there");
      }
    }
    for (const Attribute& attribute : b.attributes) {
      if (!a.attributes.has(attribute.name)) {
        return differ(describe_node(a), describe_node(b),
                      "attribute '" + attribute.name + "' is absent here and " +
                          std::visit(AttributeText{}, attribute.value) + " there");
      }
    }
    return true;
  }

  bool meet_subgraphs(const Node& a, const Node& b, const std::string& first,
                      const std::string& second) {
    const std::vector<ValueId> reads_a = read_values(a_, a);
    const std::vector<ValueId> reads_b = read_values(b_, b);
    if (reads_a.size() != reads_b.size()) {
      return differ(first, second, "their subgraphs read different numbers of outer values");
    }
    for (std::size_t i = 0; i < reads_a.size(); ++i) {
      if (!meet(reads_a[i], reads_b[i], first, second)) return false;
    }
    return true;
  }

  bool meet_unread_inputs() {
    if (a_.inputs.size() != b_.inputs.size()) {
      return differ(
          "the graph's inputs", "the graph's inputs",
          std::to_string(a_.inputs.size()) + " inputs against " + std::to_string(b_.inputs.size()));
    }
    return std::all_of(a_.inputs.begin(), a_.inputs.end(), [&](ValueId a) {
      return alignment_.values[static_cast<std::size_t>(a)] != kUnmet || meet_unread_input(a);
    });
  }

  // Of an input that nobody reads only the type is known, and any left of that type will do.
  bool meet_unread_input(ValueId a) {
    for (const ValueId b : b_.inputs) {
      if (reverse_[static_cast<std::size_t>(b)] != kUnmet) continue;
      const auto symbols = symbols_;
      const auto reverse_symbols = reverse_symbols_;
      if (meet_inputs(a, b)) {
        alignment_.values[static_cast<std::size_t>(a)] = b;
        reverse_[static_cast<std::size_t>(b)] = a;
        return true;
      }
      symbols_ = symbols;
      reverse_symbols_ = reverse_symbols;
    }
    return false;
  }

  const Graph& a_;
  const Graph& b_;
  Difference& difference_;
  std::vector<int> producer_a_;
  std::vector<int> producer_b_;
  std::vector<bool> is_structural_;
  Alignment alignment_;
  std::vector<ValueId> reverse_;
  std::map<std::string, std::string> symbols_;
  std::map<std::string, std::string> reverse_symbols_;
  std::vector<std::pair<int, int>> work_;
};

}  // namespace

std::optional<Alignment> align(const Graph& first, const Graph& second, Difference& difference) {
  return Aligner(first, second, difference).run();
}

}  // namespace braid
