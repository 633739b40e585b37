// Einsum("ibh,hnd->ibnd", x, w)
//   =>   Reshape(MatMul(x, Reshape(w)))
// Einsum("mibh,mhn->mibn", x, w)
//   =>   MatMul(x, Reshape(w)),   w of [m, 1, h, n]
// Einsum("ibnd,jbnd->bnij", q, k)
//   =>   Reshape(MatMul(Reshape(Transpose(q)), Reshape(Transpose(k))))
// Einsum("ijbn->bnij", x)
//   =>   Transpose(x)
//
// The operand that has the output's last letter goes to the right: rows of the product are then
// rows of the output.
//
// Letters that both operands and the output have are the batch, those that only the operands have
// are summed over, the others are rows and columns. Transposes and Reshapes that change nothing are
// left out. Does not apply to more than two operands, "...", letters that repeat in a term, that
// are summed over in one operand alone, or that broadcast; nor to products that the backend has a
// kernel for, unless nothing but weights has to be moved: a MatMul can take more in; nor to
// integers, of which MatMul does not take all.

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "ir/einsum_equation.hpp"
#include "ir/rewrite.hpp"
#include "plan/fuse/fuse.hpp"

namespace braid {
namespace {

using Dims = std::vector<std::int64_t>;

bool has(const std::string& letters, char letter) {
  return letters.find(letter) != std::string::npos;
}

bool repeats(std::string letters) {
  std::sort(letters.begin(), letters.end());
  return std::adjacent_find(letters.begin(), letters.end()) != letters.end();
}

// The operands of a product, and their letters by what they do.
struct Roles {
  std::size_t left = 0;
  std::size_t right = 1;
  std::string batch;
  std::string rows;     // of the left operand and the output
  std::string columns;  // of the right operand and the output
  std::string summed;
};

std::optional<Roles> roles_of(const EinsumEquation& equation) {
  Roles roles;
  const auto& [inputs, output] = equation;
  if (!output.empty() && has(inputs[0], output.back()) && !has(inputs[1], output.back()))
    std::swap(roles.left, roles.right);
  const std::string& a = inputs[roles.left];
  const std::string& b = inputs[roles.right];
  for (const char letter : equation.output) {
    if (!has(a, letter) && !has(b, letter)) return std::nullopt;
    (!has(b, letter) ? roles.rows : !has(a, letter) ? roles.columns : roles.batch) += letter;
  }
  for (const char letter : a) {
    if (has(equation.output, letter)) continue;
    if (!has(b, letter)) return std::nullopt;
    roles.summed += letter;
  }
  const bool sums_alone = std::any_of(b.begin(), b.end(), [&](char letter) {
    return !has(equation.output, letter) && !has(a, letter);
  });
  return sums_alone ? std::nullopt : std::optional(roles);
}

class EinsumExpander {
 public:
  EinsumExpander(Graph& graph, const Backend& backend)
      : graph_(graph), names_(graph), readers_(reader_counts(graph)), backend_(backend) {}

  bool run() {
    std::vector<Node> old = std::move(graph_.nodes);
    graph_.nodes.clear();
    bool has_changed = false;
    for (Node& node : old) {
      if (node.is("Einsum") && expand(node)) {
        has_changed = true;
      } else {
        graph_.nodes.push_back(std::move(node));
      }
    }
    return has_changed;
  }

 private:
  bool expand(const Node& node) {
    const auto equation =
        parse_einsum_equation(node.attributes.get_string("equation", ""), node.inputs.size());
    if (!equation || node.inputs.size() > 2 || !take_sizes(node, *equation)) return false;
    node_ = &node;
    if (equation->inputs.size() == 1) {
      const std::string& from = equation->inputs[0];
      if (!std::is_permutation(from.begin(), from.end(), equation->output.begin(),
                               equation->output.end()))
        return false;
      transpose(node.inputs[0], from, equation->output, node.outputs[0]);
      return true;
    }
    const auto roles = roles_of(*equation);
    if (!roles || (!lie_ready(*equation, *roles) && has_kernel(graph_, node, backend_)))
      return false;
    multiply(*equation, *roles);
    return true;
  }

  // Whether each letter stands for one size, which is not 0.
  bool take_sizes(const Node& node, const EinsumEquation& equation) {
    sizes_.clear();
    if (repeats(equation.output) || !is_float(graph_.value(node.outputs[0]).type.dtype) ||
        !known_dims(graph_, node.outputs[0]))
      return false;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const std::string& letters = equation.inputs[i];
      const auto dims = known_dims(graph_, node.inputs[i]);
      if (!dims || dims->size() != letters.size() || repeats(letters)) return false;
      for (std::size_t axis = 0; axis < letters.size(); ++axis) {
        const auto [entry, is_new] = sizes_.try_emplace(letters[axis], (*dims)[axis]);
        if ((!is_new && entry->second != (*dims)[axis]) || entry->second == 0) return false;
      }
    }
    return true;
  }

  // Whether a MatMul takes operands and yields the output as they lie, but for constants that
  // nobody else reads: these are moved once.
  bool lie_ready(const EinsumEquation& equation, const Roles& roles) const {
    const auto lies_ready = [&](std::size_t input, const std::string& letters) {
      const ValueId id = node_->inputs[input];
      return equation.inputs[input] == letters ||
             (graph_.value(id).is_constant() && readers_[static_cast<std::size_t>(id)] == 1);
    };
    return equation.output == roles.batch + roles.rows + roles.columns &&
           lies_ready(roles.left, roles.batch + roles.rows + roles.summed) &&
           lies_ready(roles.right, roles.batch + roles.summed + roles.columns);
  }

  void multiply(const EinsumEquation& equation, const Roles& roles) {
    const auto with = [](Dims dims, const Dims& more) {
      dims.insert(dims.end(), more.begin(), more.end());
      return dims;
    };
    // All rows but the innermost are batches of a MatMul, too, for which the right operand repeats.
    const Dims batch = roles.batch.empty() ? Dims{} : Dims{size(roles.batch)};
    const Dims rows = with(batch, roles.rows.empty() ? Dims{1} : dims_of(roles.rows));
    Dims repeated = batch;
    repeated.resize(rows.size() - 1, 1);
    const std::int64_t columns = size(roles.columns);
    const std::int64_t depth = size(roles.summed);
    const ValueId a = arranged(roles.left, equation, roles.batch + roles.rows + roles.summed,
                               with(rows, {depth}));
    const ValueId b = arranged(roles.right, equation, roles.batch + roles.summed + roles.columns,
                               with(repeated, {depth, columns}));
    const std::string made = roles.batch + roles.rows + roles.columns;
    const ValueId output = node_->outputs[0];
    const bool is_transposed = made != equation.output;
    const bool is_reshaped = with(rows, {columns}) != dims_of(made);
    const ValueId split = is_transposed ? add_value(dims_of(made)) : output;
    const ValueId product = is_reshaped ? add_value(with(rows, {columns})) : split;
    add_node("MatMul", {a, b}, product);
    if (is_reshaped) reshape(product, dims_of(made), split);
    if (is_transposed) transpose(split, made, equation.output, output);
  }

  // An operand with its axes in this order, and then joined to these dims; made once for all that
  // take it so.
  ValueId arranged(std::size_t input, const EinsumEquation& equation, const std::string& to,
                   const Dims& dims) {
    const std::string& from = equation.inputs[input];
    ValueId id = node_->inputs[input];
    if (from == to && dims_of(to) == dims) return id;
    const auto [entry, is_new] = arranged_.try_emplace({id, order_of(from, to), dims});
    if (!is_new) return entry->second;
    if (from != to) {
      const ValueId moved = add_value(dims_of(to));
      transpose(id, from, to, moved);
      id = moved;
    }
    if (dims_of(to) != dims) {
      const ValueId joined = add_value(dims);
      reshape(id, dims, joined);
      id = joined;
    }
    return entry->second = id;
  }

  void transpose(ValueId id, const std::string& from, const std::string& to, ValueId output) {
    add_node("Transpose", {id}, output).attributes.set("perm", order_of(from, to));
  }

  static Dims order_of(const std::string& from, const std::string& to) {
    Dims order;
    for (const char letter : to)
      order.push_back(static_cast<std::int64_t>(from.find(letter)));
    return order;
  }

  void reshape(ValueId id, const Dims& dims, ValueId output) {
    const auto rank = static_cast<std::int64_t>(dims.size());
    const ValueId shape = graph_.add_constant(names_.unique(node_->name + "/dims"),
                                              Tensor::of<std::int64_t>({rank}, dims));
    add_node("Reshape", {id, shape}, output);
  }

  Node& add_node(const char* op, std::vector<ValueId> inputs, ValueId output) {
    Node node;
    node.op_type = op;
    node.name = node_->name;
    node.inputs = std::move(inputs);
    node.outputs = {output};
    return graph_.nodes.emplace_back(std::move(node));
  }

  ValueId add_value(const Dims& dims) {
    Type type = graph_.value(node_->outputs[0]).type;
    type.shape.emplace();
    for (const std::int64_t dim : dims)
      type.shape->push_back(Dim::known(dim));
    return graph_.add_value(names_.unique(node_->name + "/part"), std::move(type));
  }

  Dims dims_of(const std::string& letters) const {
    Dims dims;
    for (const char letter : letters)
      dims.push_back(sizes_.at(letter));
    return dims;
  }

  std::int64_t size(const std::string& letters) const {
    const Dims dims = dims_of(letters);
    return std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>());
  }

  Graph& graph_;
  NameSource names_;
  std::vector<int> readers_;  // of each value of the graph as it was
  std::map<std::tuple<ValueId, Dims, Dims>, ValueId> arranged_;  // by operand, order and dims
  const Backend& backend_;
  const Node* node_ = nullptr;          // that is being expanded
  std::map<char, std::int64_t> sizes_;  // that its letters stand for
};

}  // namespace

bool expand_einsum(Model& model, const Backend& backend) {
  return EinsumExpander(model.graph, backend).run();
}

}  // namespace braid
