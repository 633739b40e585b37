// x[b,16] -> Shape -> Gather(0) -> Unsqueeze -> Concat(., 16) -> s   =>   s is
//                                                       Concat(Shape {start: 0, end: 1}(x), [16])
// Where(Equal(s, -1), 1, s) of s = [b,-1,16]                         =>   the same of [b,1,16]
//
// Exporters ask different values for the size of a symbolic dim, in different ways. What other
// nodes read of that arithmetic is computed anew, always alike: each symbol from the first graph
// input that has it, numbers as constants.
// First is what is met first on the way back from the outputs, past all that only asks for sizes:
// the order of the inputs says nothing. Does not fire where an element is neither a number nor a
// symbol of a graph input, on int32, before opset 15 (Shape yields all dims), nor on graph outputs.

#include <algorithm>
#include <map>

#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"
#include "passes/passes.hpp"
#include "passes/shape_values.hpp"

namespace braid {
namespace {

using Elements = std::vector<ShapeElement>;

// Where a symbol can be read.
struct Source {
  ValueId input;
  std::int64_t axis;
};

// Adds the inputs of the graph as they are met on the way back from the outputs.
void add_met_inputs(const Graph& graph, bool follows_shapes, std::vector<ValueId>& inputs) {
  const std::vector<int> producer = producers(graph);
  std::vector<bool> is_met(graph.values.size(), false);
  std::vector<ValueId> work(graph.outputs.rbegin(), graph.outputs.rend());
  while (!work.empty()) {
    const ValueId id = work.back();
    work.pop_back();
    if (is_met[static_cast<std::size_t>(id)]) continue;
    is_met[static_cast<std::size_t>(id)] = true;
    const int from = producer[static_cast<std::size_t>(id)];
    if (from < 0) {
      if (graph.is_input(id)) inputs.push_back(id);
      continue;
    }
    const Node& node = graph.nodes[static_cast<std::size_t>(from)];
    if (node.is("Shape") && !follows_shapes) continue;
    const std::vector<ValueId> reads = read_values(graph, node);
    work.insert(work.end(), reads.rbegin(), reads.rend());
  }
}

std::map<std::string, Source> sources(const Graph& graph) {
  std::vector<ValueId> inputs;
  add_met_inputs(graph, false, inputs);
  add_met_inputs(graph, true, inputs);
  std::map<std::string, Source> found;
  for (const ValueId id : inputs) {
    const Shape* shape = shape_of(graph, id);
    if (shape == nullptr) continue;
    for (std::size_t i = 0; i < shape->size(); ++i) {
      const Dim& dim = (*shape)[i];
      if (!dim.symbol.empty()) found.emplace(dim.symbol, Source{id, static_cast<std::int64_t>(i)});
    }
  }
  return found;
}

std::string text_of(const Elements& elements) {
  std::string text;
  for (const ShapeElement& element : elements)
    text += (element.number ? std::to_string(*element.number) : "'" + element.symbol) + ",";
  return text;
}

class ShapeSpeller {
 public:
  explicit ShapeSpeller(Model& model)
      : graph_(model.graph),
        names_(model.graph),
        sources_(sources(model.graph)),
        values_(model.graph),
        producer_(producers(model.graph)) {}

  bool run() {
    bool has_changed = false;
    const std::size_t count = graph_.nodes.size();
    for (std::size_t n = 0; n < count; ++n) {
      if (is_arithmetic(graph_.nodes[n])) continue;
      for (std::size_t i = 0; i < graph_.nodes[n].inputs.size(); ++i)
        has_changed |= respell(n, i);
    }
    for (Node& node : added_)
      graph_.nodes.push_back(std::move(node));
    return has_changed;
  }

 private:
  // Nodes whose results are respelled where they are read.
  bool is_arithmetic(const Node& node) const {
    return node.outputs.size() == 1 && elements(node.outputs[0]).has_value();
  }

  // What can be spelled.
  std::optional<Elements> elements(ValueId id) const {
    if (id == kAbsent || graph_.is_output(id)) return std::nullopt;
    const auto rank = rank_of(graph_, id);
    if (!rank || graph_.value(id).type.dtype != DType::Int64) return std::nullopt;
    auto found = values_.known(id);
    if (!found || found->empty()) return std::nullopt;
    const bool has_sources = std::all_of(found->begin(), found->end(), [&](const auto& element) {
      return element.number || sources_.contains(element.symbol);
    });
    return has_sources ? found : std::nullopt;
  }

  bool respell(std::size_t n, std::size_t i) {
    const ValueId given = graph_.nodes[n].inputs[i];
    if (given == kAbsent || producer_[static_cast<std::size_t>(given)] < 0) return false;
    const auto wanted = elements(given);
    if (!wanted) return false;
    const int rank = *rank_of(graph_, given);
    if (is_spelled(given, *wanted, rank)) {
      spelled_.emplace(key(*wanted, rank), given);
    }
    const ValueId spelled = spell(*wanted, rank);
    if (spelled == given) return false;
    graph_.nodes[n].inputs[i] = spelled;
    return true;
  }

  static std::string key(const Elements& elements, int rank) {
    return std::to_string(rank) + ":" + text_of(elements);
  }

  // Runs of numbers, and of dims that lie side by side in one input.
  std::vector<Elements> runs(const Elements& elements) const {
    std::vector<Elements> result;
    for (const ShapeElement& element : elements) {
      if (result.empty() || !goes_on(result.back().back(), element)) result.emplace_back();
      result.back().push_back(element);
    }
    return result;
  }

  bool goes_on(const ShapeElement& last, const ShapeElement& next) const {
    if (last.number || next.number) return last.number && next.number;
    const Source& a = sources_.at(last.symbol);
    const Source& b = sources_.at(next.symbol);
    return a.input == b.input && a.axis + 1 == b.axis;
  }

  bool is_spelled(ValueId id, const Elements& elements, int rank) const {
    if (rank == 0) {
      const Node* squeeze = producer_of(graph_, producer_, id, "Squeeze");
      return squeeze != nullptr && is_spelled(squeeze->inputs[0], elements, 1);
    }
    const std::vector<Elements> parts = runs(elements);
    if (parts.size() == 1) return is_spelled_run(id, parts[0]);
    const Node* concat = producer_of(graph_, producer_, id, "Concat");
    if (concat == nullptr || concat->inputs.size() != parts.size()) return false;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (!is_spelled_run(concat->inputs[i], parts[i])) return false;
    }
    return true;
  }

  bool is_spelled_run(ValueId id, const Elements& run) const {
    if (run[0].number) return graph_.value(id).is_constant() && values_.known(id) == run;
    const Node* shape = producer_of(graph_, producer_, id, "Shape");
    const Source& source = sources_.at(run[0].symbol);
    return shape != nullptr && shape->inputs[0] == source.input &&
           shape->attributes.get_int("start", 0) == source.axis &&
           shape->attributes.get_int("end", -1) ==
               source.axis + static_cast<std::int64_t>(run.size());
  }

  ValueId spell(const Elements& elements, int rank) {
    const std::string name = key(elements, rank);
    if (const auto found = spelled_.find(name); found != spelled_.end()) return found->second;
    const ValueId made = rank == 0 ? add_scalar(elements) : add_list(elements);
    spelled_.emplace(name, made);
    return made;
  }

  ValueId add_scalar(const Elements& elements) {
    if (elements[0].number) return constant(Tensor::of<std::int64_t>({}, {*elements[0].number}));
    const ValueId axis = constant(Tensor::of<std::int64_t>({1}, {0}));
    return add("Squeeze", {spell(elements, 1), axis}, {});
  }

  ValueId add_list(const Elements& elements) {
    std::vector<ValueId> parts;
    for (const Elements& run : runs(elements))
      parts.push_back(add_run(run, elements.size()));
    if (parts.size() == 1) return parts[0];
    Attributes attributes;
    attributes.set("axis", std::int64_t{0});
    return add("Concat", std::move(parts), std::move(attributes));
  }

  ValueId add_run(const Elements& run, std::size_t whole) {
    if (run.size() < whole) return spell(run, 1);
    const auto size = static_cast<std::int64_t>(run.size());
    if (run[0].number) {
      std::vector<std::int64_t> numbers;
      for (const ShapeElement& element : run)
        numbers.push_back(*element.number);
      return constant(Tensor::of<std::int64_t>({size}, numbers));
    }
    const Source& source = sources_.at(run[0].symbol);
    Attributes attributes;
    if (source.axis != 0) attributes.set("start", source.axis);
    attributes.set("end", source.axis + size);
    return add("Shape", {source.input}, std::move(attributes));
  }

  ValueId constant(Tensor data) {
    return graph_.add_constant(names_.unique("shape"), std::move(data));
  }

  ValueId add(std::string op_type, std::vector<ValueId> inputs, Attributes attributes) {
    Node node;
    node.op_type = std::move(op_type);
    node.name = names_.unique("shape");
    node.inputs = std::move(inputs);
    node.outputs = {graph_.add_value(names_.unique("shape"))};
    node.attributes = std::move(attributes);
    added_.push_back(std::move(node));
    return added_.back().outputs[0];
  }

  Graph& graph_;
  NameSource names_;
  std::map<std::string, Source> sources_;
  ShapeValues values_;
  std::vector<int> producer_;
  std::map<std::string, ValueId> spelled_;
  std::vector<Node> added_;
};

}  // namespace

bool respell_shapes(Model& model) {
  if (model.opset() < 15) return false;
  if (!ShapeSpeller(model).run()) return false;
  sort_nodes(model.graph, "shape arithmetic");
  remove_dead(model.graph);
  return true;
}

}  // namespace braid
