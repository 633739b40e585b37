// MatMul(a, b) | Gemm(a, b, c)   =>   ai.braid.MatMul(a, b, bias?)
// product -> Add(bias)           =>   ai.braid.MatMul | Conv with the bias
// product -> Add(x)              =>   ai.braid.MatMul | Conv(.., .., bias?, x)
// product -> activation          =>   ai.braid.MatMul | Conv {activation, alpha, beta}
//
// What a kernel adds and applies while it has its result in registers costs no pass over memory.
// In this order: bias, sum, activation. Where the backend adds any bias, one may be any value that
// broadcasts to the product. In float16 and bfloat16 all of it is computed in float and
// rounded once, behind the activation. Does not fire when the product has other readers, nor on
// other types.

#include <algorithm>
#include <cmath>
#include <optional>

#include "ir/rewrite.hpp"
#include "plan/fuse/fuse.hpp"
#include "plan/operator.hpp"

namespace braid {
namespace {

constexpr std::size_t kBias = 2;
constexpr std::size_t kSummand = 3;

bool is_product(const Node& node) {
  return node.domain == kFusedDomain && (node.op_type == "Conv" || node.op_type == "MatMul");
}

struct Activation {
  std::string name;
  float alpha = 0;
  float beta = 0;
};

class Fuser {
 public:
  Fuser(Graph& graph, const Backend& backend)
      : graph_(graph),
        adds_any_bias_(backend.adds_any_bias()),
        readers_(reader_counts(graph)),
        producer_(producers(graph)) {}

  bool run() {
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n)
      visit(n);
    return std::erase_if(graph_.nodes, [](const Node& node) { return node.outputs.empty(); }) > 0;
  }

 private:
  // With at least one element.
  bool is_float(ValueId id) const {
    if (id == kAbsent) return false;
    const DType dtype = graph_.value(id).type.dtype;
    if (dtype != DType::Float32 && dtype != DType::Float16 && dtype != DType::BFloat16)
      return false;
    const auto dims = known_dims(graph_, id);
    return dims && std::find(dims->begin(), dims->end(), 0) == dims->end();
  }

  bool has_one_type(const Node& node) const {
    const DType dtype = graph_.value(node.outputs[0]).type.dtype;
    return std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId id) {
      return id == kAbsent || graph_.value(id).type.dtype == dtype;
    });
  }

  void visit(std::size_t n) {
    Node& node = graph_.nodes[n];
    if (!is_float(node.output(0)) || !has_one_type(node)) return;
    if (node.is("MatMul") && is_float(node.input(0)) && is_float(node.input(1))) {
      node.domain = kFusedDomain;
    } else if (node.is("Gemm")) {
      take_gemm(node);
    } else if (node.is("Add")) {
      take_add(n);
    } else if (const auto activation = activation_of(node)) {
      take_activation(n, *activation);
    }
  }

  // Weights lie as [K, N] in canonical models.
  void take_gemm(Node& node) {
    const Attributes& attributes = node.attributes;
    const bool is_plain =
        attributes.get_int("transA", 0) == 0 && attributes.get_int("transB", 0) == 0 &&
        attributes.get_float("alpha", 1) == 1 && attributes.get_float("beta", 1) == 1;
    const bool has_bias = node.input(kBias) != kAbsent;
    if (!is_plain || !is_float(node.input(0)) || !is_float(node.input(1))) return;
    if (has_bias && !is_bias(node.inputs[kBias], node)) return;
    node.op_type = "MatMul";
    node.domain = kFusedDomain;
    node.attributes = {};
  }

  // One value for each column of the product; per member if each has a matrix of its own.
  bool is_bias(ValueId id, const Node& product) const {
    if (!is_float(id) || !graph_.value(id).is_constant()) return false;
    const auto dims = *known_dims(graph_, id);
    const auto weight = *known_dims(graph_, product.inputs[1]);
    const auto out = *known_dims(graph_, product.outputs[0]);
    if (dims.empty() || out.empty() || dims.back() != out.back()) return false;
    const std::size_t shift = out.size() - std::min(out.size(), dims.size());
    for (std::size_t i = 0; i + 1 < dims.size(); ++i) {
      const bool is_member_axis = i + shift == 0 && weight.size() == 3 && out.size() == 3 &&
                                  weight[0] == out[0] && dims[i] == out[0];
      if (dims[i] != 1 && !is_member_axis) return false;
    }
    return dims.size() <= out.size();
  }

  bool is_added(ValueId id, const Node& product) const {
    if (is_bias(id, product)) return true;
    const auto dims = *known_dims(graph_, id);
    const auto out = *known_dims(graph_, product.outputs[0]);
    const auto fits = [](std::int64_t a, std::int64_t b) { return a == 1 || a == b; };
    return adds_any_bias_ && dims.size() <= out.size() &&
           std::equal(dims.rbegin(), dims.rend(), out.rbegin(), fits);
  }

  // The node that computes `id` if it is a product that nothing else reads.
  Node* product_of(ValueId id) {
    if (id == kAbsent || readers_[static_cast<std::size_t>(id)] != 1) return nullptr;
    const int from = producer_[static_cast<std::size_t>(id)];
    if (from < 0) return nullptr;
    Node& node = graph_.nodes[static_cast<std::size_t>(from)];
    const bool is_open = is_product(node) && !node.attributes.has("activation");
    return is_open ? &node : nullptr;
  }

  void take_add(std::size_t n) {
    Node& node = graph_.nodes[n];
    for (const std::size_t side : {1U, 0U}) {
      Node* product = product_of(node.input(side));
      const ValueId other = node.input(1 - side);
      if (product == nullptr || !is_float(other) || other == node.inputs[side]) continue;
      const bool is_matmul = product->op_type == "MatMul";
      const bool has_sum = product->input(kSummand) != kAbsent;
      const bool takes_bias = is_matmul && product->input(kBias) == kAbsent && !has_sum &&
                              is_added(other, *product) && keeps_dims(node, side);
      const bool takes_sum = !has_sum && keeps_dims(node, side) && keeps_dims(node, 1 - side);
      if (!takes_bias && !takes_sum) continue;
      product->inputs.resize(kSummand + 1, kAbsent);
      product->inputs[takes_bias ? kBias : kSummand] = other;
      move_to(n, *product);
      return;
    }
  }

  bool keeps_dims(const Node& node, std::size_t side) const {
    return known_dims(graph_, node.inputs[side]) == known_dims(graph_, node.outputs[0]);
  }

  void take_activation(std::size_t n, const Activation& activation) {
    Node* product = product_of(graph_.nodes[n].input(0));
    if (product == nullptr) return;
    product->attributes.set("activation", activation.name);
    product->attributes.set("alpha", activation.alpha);
    product->attributes.set("beta", activation.beta);
    move_to(n, *product);
  }

  // The product takes the place of node `n`, where all that it reads now has been computed.
  void move_to(std::size_t n, Node& product) {
    Node& node = graph_.nodes[n];
    product.outputs = node.outputs;
    if (product.name.empty()) product.name = node.name;
    node = std::move(product);
    product = {};
    producer_[static_cast<std::size_t>(node.outputs[0])] = static_cast<int>(n);
  }

  std::optional<Activation> activation_of(const Node& node) const {
    const Attributes& attributes = node.attributes;
    for (const char* op : {"Relu", "Sigmoid", "Tanh", "HardSwish"}) {
      if (node.is(op)) return Activation{op};
    }
    if (node.is("Gelu")) {
      const bool is_exact = attributes.get_string("approximate", "none") == "none";
      return Activation{is_exact ? "Gelu" : "GeluTanh"};
    }
    if (node.is("Swish")) return Activation{"Swish", attributes.get_float("alpha", 1)};
    if (node.is("LeakyRelu")) return Activation{"LeakyRelu", attributes.get_float("alpha", 0.01F)};
    if (node.is("Elu")) return Activation{"Elu", attributes.get_float("alpha", 1)};
    if (node.is("Clip") && node.inputs.size() == 3) {
      const auto low = constant_scalar(graph_, node.inputs[1]);
      const auto high = constant_scalar(graph_, node.inputs[2]);
      if (low && high)
        return Activation{"Clip", static_cast<float>(*low), static_cast<float>(*high)};
    }
    return std::nullopt;
  }

  Graph& graph_;
  bool adds_any_bias_;
  std::vector<int> readers_;
  std::vector<int> producer_;
};

}  // namespace

bool fuse_epilogues(Model& model, const Backend& backend) {
  return Fuser(model.graph, backend).run();
}

}  // namespace braid
