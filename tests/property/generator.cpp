#include "property/generator.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "ir/traverse.hpp"
#include "property/draw/drawers.hpp"

namespace braid::property {
namespace {

struct Version {
  std::int64_t opset;
  std::int64_t ir;
};

const std::vector<Version> kVersions = {{7, 3},   {9, 4},   {11, 6}, {13, 7}, {13, 7},
                                        {17, 8},  {17, 8},  {18, 8}, {18, 8}, {20, 9},
                                        {21, 10}, {21, 10}, {23, 11}};

Dim draw_dim(Builder& b) {
  if (b.below(300) == 0) return Dim::known(0);
  return Dim::known(b.chance(15) ? 1 : b.between(1, 5));
}

Shape draw_shape_of_input(Builder& b) {
  const int rank = b.one_of({0, 1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 5});
  Shape shape;
  for (int axis = 0; axis < rank; ++axis)
    shape.push_back(draw_dim(b));
  if (rank > 0 && b.chance(80)) shape[0] = Dim::named("N");
  if (rank == 3 && b.chance(35)) shape[1] = Dim::named("S");
  if (rank >= 2 && b.chance(4)) shape.back() = Dim::named("N");
  return shape;
}

void add_inputs(Builder& b) {
  const Shape first = draw_shape_of_input(b);
  b.input(DType::Float32, first, {-2, 2});
  for (int count = b.below(3); count > 0; --count) {
    const Shape shape = b.chance(40) ? first : draw_shape_of_input(b);
    const int kind = b.below(10);
    if (kind < 6) {
      b.input(DType::Float32, shape, {-2, 2});
    } else if (kind < 9) {
      b.input(DType::Int64, shape, {0, 3});
    } else {
      b.input(DType::Bool, shape, {0, 2});
    }
  }
}

Drawer draw_drawer(Builder& b) {
  const auto& table = drawers();
  static const int kTotal =
      std::accumulate(table.begin(), table.end(), 0,
                      [](int sum, const WeightedDrawer& item) { return sum + item.weight; });
  int left = b.below(kTotal);
  auto item = table.begin();
  for (; left >= item->weight; ++item)
    left -= item->weight;
  return item->draw;
}

void add_nodes(Builder& b) {
  const auto wanted = static_cast<std::size_t>(b.chance(50) ? b.between(3, 9) : b.between(3, 25));
  for (std::size_t tries = 0; b.node_count() < wanted && tries < 20 * wanted; ++tries)
    b.attempt(draw_drawer(b));
}

// How many nodes a value is computed by.
std::size_t count_ancestors(const Graph& graph, ValueId id) {
  std::set<ValueId> needed = {id};
  std::size_t count = 0;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    const bool is_needed =
        std::ranges::any_of(node->outputs, [&](ValueId output) { return needed.contains(output); });
    if (!is_needed) continue;
    ++count;
    needed.insert(node->inputs.begin(), node->inputs.end());
  }
  return count;
}

// Values that nobody reads, for the most part; now and then one that is read on, an input, a
// constant, or the same value twice.
void choose_outputs(Builder& b, Graph& graph) {
  std::set<ValueId> read;
  std::vector<ValueId> produced;
  for (const Node& node : graph.nodes) {
    for (const ValueId id : read_values(graph, node))
      read.insert(id);
    produced.insert(produced.end(), node.outputs.begin(), node.outputs.end());
  }
  std::vector<ValueId> unread;
  std::ranges::copy_if(produced, std::back_inserter(unread),
                       [&](ValueId id) { return !read.contains(id); });
  if (produced.empty()) return graph.outputs.push_back(graph.inputs[0]);
  graph.outputs.push_back(*std::ranges::max_element(
      unread, {}, [&](ValueId id) { return count_ancestors(graph, id); }));
  for (int count = b.below(4); count > 0; --count)
    graph.outputs.push_back(b.one_of(b.chance(75) ? unread : produced));
  if (b.chance(4)) graph.outputs.push_back(b.one_of(graph.inputs));
  if (b.chance(4)) {
    const auto id = static_cast<ValueId>(b.below(static_cast<int>(graph.values.size())));
    if (graph.value(id).is_constant()) graph.outputs.push_back(id);
  }
  std::set<ValueId> seen;
  const bool may_repeat = b.chance(10);
  std::erase_if(graph.outputs, [&](ValueId id) { return !seen.insert(id).second && !may_repeat; });
}

std::vector<int> draw_classes(Builder& b, int members, int pattern) {
  std::vector<int> classes;
  const int count = b.between(1, members);
  for (int m = 0; m < members; ++m) {
    const int blocks[] = {m, 0, m * 2 / members, m % 2, b.below(count)};
    classes.push_back(blocks[pattern]);
  }
  return classes;
}

void share_weights(Builder& b, Case& test) {
  test.members = b.between(2, 5);
  const int common = b.below(8);  // a pattern for all weights, or one for each
  for (Weight& weight : test.weights) {
    const int pattern = common < 5 && b.chance(90) ? common : b.below(5);
    weight.class_of = draw_classes(b, test.members, pattern);
  }
}

}  // namespace

Case generate(std::uint64_t seed) {
  Random random(seed);
  Case test;
  test.seed = seed;
  Builder b(test, random);
  const Version version = b.one_of(kVersions);
  test.model.ir_version = version.ir;
  test.model.opsets = {{"", version.opset}};
  test.model.graph.name = "random";
  add_inputs(b);
  add_nodes(b);
  choose_outputs(b, test.model.graph);
  share_weights(b, test);
  test.merges_always = b.chance(75);
  test.disguise = {b.chance(30), b.chance(30), b.chance(20), b.chance(20)};
  return test;
}

}  // namespace braid::property
