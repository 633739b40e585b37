// ai.braid.MatMul(a, w), ai.braid.MatMul(b, v), ...   =>   ai.braid.GroupedMatMul(a, w, b, v, ...)
//
// Products that do not depend on each other, of any sizes, are one launch on a GPU: queries, keys
// and values, share classes of unequal size, members' heads of different widths. Such are those at
// the same distance from the inputs. Does not apply where the backend has it that they are faster
// apart, as products are that fill the device: the largest stay out then, a quarter at a time.

#include <algorithm>
#include <map>

#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"
#include "plan/fuse/fuse.hpp"
#include "plan/grouped_matmul.hpp"

namespace braid {
namespace {

constexpr std::size_t kMostProducts = 64;

using Nodes = std::vector<std::size_t>;

// By node: the nodes on the longest way to it.
std::vector<int> levels_of(const Graph& graph) {
  std::vector<int> of_value(graph.values.size(), 0);
  std::vector<int> levels;
  for (const Node& node : graph.nodes) {
    int level = 0;
    for (const ValueId id : read_values(graph, node))
      level = std::max(level, of_value[static_cast<std::size_t>(id)]);
    levels.push_back(level);
    for (const ValueId id : node.outputs) {
      if (id != kAbsent) of_value[static_cast<std::size_t>(id)] = level + 1;
    }
  }
  return levels;
}

class Grouper {
 public:
  Grouper(Graph& graph, const Backend& backend) : graph_(graph), backend_(backend) {}

  bool run() {
    bool has_changed = false;
    for (const Nodes& products : find_products()) {
      for (std::size_t first = 0; first < products.size(); first += kMostProducts) {
        const std::size_t last = std::min(first + kMostProducts, products.size());
        has_changed |= group({products.begin() + static_cast<std::ptrdiff_t>(first),
                              products.begin() + static_cast<std::ptrdiff_t>(last)});
      }
    }
    if (!has_changed) return false;
    std::erase_if(graph_.nodes, [](const Node& node) { return node.outputs.empty(); });
    sort_nodes(graph_, "grouped products");
    return true;
  }

 private:
  // Those of one level and type, the smallest first.
  std::vector<Nodes> find_products() const {
    const std::vector<int> levels = levels_of(graph_);
    std::map<std::pair<int, DType>, Nodes> found;
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      const Node& node = graph_.nodes[n];
      if (node.domain != kFusedDomain || node.op_type != "MatMul" || !is_known(node)) continue;
      found[{levels[n], graph_.value(node.outputs[0]).type.dtype}].push_back(n);
    }
    std::vector<Nodes> result;
    for (auto& [key, products] : found) {
      std::stable_sort(products.begin(), products.end(), [&](std::size_t a, std::size_t b) {
        return work_of(graph_.nodes[a]) < work_of(graph_.nodes[b]);
      });
      result.push_back(std::move(products));
    }
    return result;
  }

  bool is_known(const Node& node) const {
    return known_dims(graph_, node.inputs[0]) && known_dims(graph_, node.outputs[0]);
  }

  // Multiplications.
  std::int64_t work_of(const Node& node) const {
    const auto depth = known_dims(graph_, node.inputs[0])->back();
    return Tensor::weightless(DType::Float32, *known_dims(graph_, node.outputs[0])).size() * depth;
  }

  // All of them, or without the largest quarter, and so on: each try binds a kernel.
  bool group(Nodes products) {
    for (; products.size() > 1; products.resize(products.size() - (products.size() + 3) / 4)) {
      std::vector<const Node*> nodes;
      for (const std::size_t n : products)
        nodes.push_back(&graph_.nodes[n]);
      Node node = group_matmuls(nodes);
      if (!has_kernel(graph_, node, backend_)) continue;
      const std::size_t last = *std::max_element(products.begin(), products.end());
      for (const std::size_t n : products)
        graph_.nodes[n].outputs.clear();
      graph_.nodes[last] = std::move(node);
      return true;
    }
    return false;
  }

  Graph& graph_;
  const Backend& backend_;
};

}  // namespace

bool group_products(Model& model, const Backend& backend) {
  return backend.groups_products() && Grouper(model.graph, backend).run();
}

}  // namespace braid
