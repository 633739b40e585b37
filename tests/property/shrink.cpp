#include "property/shrink.hpp"

#include <algorithm>

#include "braid/error.hpp"
#include "property/disguise.hpp"
#include "property/type_check.hpp"

namespace braid::property {
namespace {

class Shrinker {
 public:
  Shrinker(Case test, const std::function<bool(const Case&)>& fails)
      : best_(std::move(test)), fails_(fails) {}

  Case run() {
    keep_if_failing([](Case& test) { drop_unused(test); });
    do {
      has_shrunk_ = false;
      drop_disguises();
      drop_outputs();
      replace_nodes();
      bypass_nodes();
      drop_members();
      fix_weights();
      simplify_sharing();
    } while (has_shrunk_);
    return best_;
  }

 private:
  bool keep_if_failing(const std::function<void(Case&)>& change) {
    Case smaller = best_;
    change(smaller);
    if (!is_valid(smaller.model) || !fails_(smaller)) return false;
    best_ = std::move(smaller);
    has_shrunk_ = true;
    return true;
  }

  static bool is_valid(Model model) {
    if (model.ir_version < 4) list_constants_as_inputs(model.graph);
    try {
      check_types(model);
      return true;
    } catch (const Error&) {
      return false;
    }
  }

  void drop_disguises() {
    for (bool Disguise::*way : {&Disguise::reorders_nodes, &Disguise::reorders_inputs,
                                &Disguise::inserts_identities, &Disguise::uses_constant_nodes}) {
      if (best_.disguise.*way) keep_if_failing([&](Case& test) { test.disguise.*way = false; });
    }
  }

  void drop_outputs() {
    for (std::size_t i = best_.model.graph.outputs.size(); i-- > 0;) {
      if (best_.model.graph.outputs.size() == 1) return;
      keep_if_failing([&](Case& test) {
        auto& outputs = test.model.graph.outputs;
        outputs.erase(outputs.begin() + static_cast<std::ptrdiff_t>(i));
        drop_unused(test);
      });
    }
  }

  // A node's outputs become inputs of the graph, where their dims are known.
  void replace_nodes() {
    for (std::size_t n = best_.model.graph.nodes.size(); n-- > 0;) {
      if (n >= best_.model.graph.nodes.size()) continue;
      const Node& node = best_.model.graph.nodes[n];
      const bool is_possible = std::ranges::all_of(node.outputs, [&](ValueId id) {
        const Type& type = best_.model.graph.value(id).type;
        return std::ranges::all_of(
            *type.shape, [](const Dim& dim) { return dim.is_known() || !dim.symbol.empty(); });
      });
      if (!is_possible) continue;
      keep_if_failing([&](Case& test) {
        Graph& graph = test.model.graph;
        const auto outputs = graph.nodes[n].outputs;
        graph.inputs.insert(graph.inputs.end(), outputs.begin(), outputs.end());
        graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(n));
        drop_unused(test);
      });
    }
  }

  // Readers of a node's output read an input of it instead.
  void bypass_nodes() {
    for (std::size_t n = best_.model.graph.nodes.size(); n-- > 0;) {
      if (n >= best_.model.graph.nodes.size()) continue;
      const ValueId output = best_.model.graph.nodes[n].outputs[0];
      for (const ValueId input : std::vector(best_.model.graph.nodes[n].inputs)) {
        if (input == kAbsent) continue;
        const Graph& graph = best_.model.graph;
        if (to_string(graph.value(input).type) != to_string(graph.value(output).type)) continue;
        const bool is_kept = keep_if_failing([&](Case& test) {
          read_instead(test.model.graph, output, input);
          drop_unused(test);
        });
        if (is_kept) break;
      }
    }
  }

  static void read_instead(Graph& graph, ValueId from, ValueId to) {
    for (Node& node : graph.nodes)
      std::ranges::replace(node.inputs, from, to);
    std::ranges::replace(graph.outputs, from, to);
  }

  void drop_members() {
    for (int m = best_.members; m-- > 0;) {
      if (best_.members == 2) return;
      keep_if_failing([&](Case& test) {
        --test.members;
        for (Weight& weight : test.weights)
          weight.class_of.erase(weight.class_of.begin() + m);
      });
    }
  }

  // A weight becomes a constant that all members share.
  void fix_weights() {
    for (std::size_t w = best_.weights.size(); w-- > 0;) {
      keep_if_failing([&](Case& test) {
        test.weights.erase(test.weights.begin() + static_cast<std::ptrdiff_t>(w));
      });
    }
  }

  void simplify_sharing() {
    for (std::size_t w = 0; w < best_.weights.size(); ++w) {
      const std::vector<int> before = best_.weights[w].class_of;
      std::vector<int> different(before.size());
      for (std::size_t m = 0; m < before.size(); ++m)
        different[m] = static_cast<int>(m);
      if (before == different || before == std::vector<int>(before.size(), 0)) continue;
      keep_if_failing([&](Case& test) { test.weights[w].class_of = different; });
    }
  }

  Case best_;
  const std::function<bool(const Case&)>& fails_;
  bool has_shrunk_ = false;
};

}  // namespace

Case shrink(Case test, const std::function<bool(const Case&)>& fails) {
  return Shrinker(std::move(test), fails).run();
}

}  // namespace braid::property
