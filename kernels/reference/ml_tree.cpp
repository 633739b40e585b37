// TreeEnsemble, TreeEnsembleClassifier and TreeEnsembleRegressor.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "kernels/reference/axes.hpp"
#include "kernels/reference/convert.hpp"
#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/ml_scores.hpp"

namespace braid::reference::ops {
namespace {

enum class Mode { LessOrEqual, Less, GreaterOrEqual, Greater, Equal, NotEqual, Member, Leaf };

struct Weight {
  std::size_t target = 0;
  double value = 0;
};

struct TreeNode {
  Mode mode = Mode::Leaf;
  std::size_t feature = 0;
  double split = 0;
  std::set<double> members = {};
  bool nan_is_true = false;
  std::size_t on_true = 0;
  std::size_t on_false = 0;
  std::vector<Weight> weights = {};  // of leaves
};

struct Trees {
  std::vector<TreeNode> nodes;
  std::vector<std::size_t> roots;
};

bool holds(const TreeNode& node, double x) {
  if (std::isnan(x) && node.nan_is_true) return true;
  switch (node.mode) {
    case Mode::LessOrEqual:
      return x <= node.split;
    case Mode::Less:
      return x < node.split;
    case Mode::GreaterOrEqual:
      return x >= node.split;
    case Mode::Greater:
      return x > node.split;
    case Mode::Equal:
      return x == node.split;
    case Mode::NotEqual:
      return x != node.split;
    default:
      return node.members.contains(x);
  }
}

const TreeNode& find_leaf(const KernelCall& call, const Trees& trees, std::size_t root,
                          const std::vector<double>& row) {
  std::size_t at = root;
  for (std::size_t steps = 0; steps <= trees.nodes.size(); ++steps) {
    const TreeNode& node = trees.nodes[at];
    if (node.mode == Mode::Leaf) return node;
    if (node.feature >= row.size()) call.fail("a node reads a feature that the input lacks");
    at = holds(node, row[node.feature]) ? node.on_true : node.on_false;
  }
  call.fail("the nodes of a tree form a cycle");
}

// ---- how the attributes spell trees ----

std::vector<double> numbers(const KernelCall& call, const std::string& name) {
  for (const std::string& spelled : {name + "_as_tensor", name}) {
    const Attribute* attribute = call.attributes().find(spelled);
    if (attribute == nullptr) continue;
    if (const auto* tensor = std::get_if<Tensor>(&attribute->value))
      return to_doubles(tensor->materialised());
    const std::vector<float> values = call.attributes().get_floats(spelled);
    return {values.begin(), values.end()};
  }
  return {};
}

std::vector<std::int64_t> integers(const KernelCall& call, std::string_view name,
                                   std::size_t count) {
  std::vector<std::int64_t> values = call.attributes().get_ints(name);
  if (values.size() != count) call.fail("attribute '" + std::string(name) + "' is too short");
  return values;
}

std::size_t index(const KernelCall& call, std::int64_t value, std::size_t count) {
  if (value >= 0 && static_cast<std::size_t>(value) < count) return static_cast<std::size_t>(value);
  call.fail("an attribute names node, leaf or target " + std::to_string(value) +
            ", which does not exist");
}

using NodeKey = std::pair<std::int64_t, std::int64_t>;  // tree, node

std::size_t find_node(const KernelCall& call, const std::map<NodeKey, std::size_t>& places,
                      NodeKey key) {
  const auto found = places.find(key);
  if (found != places.end()) return found->second;
  call.fail("tree " + std::to_string(key.first) + " has no node " + std::to_string(key.second));
}

Mode mode_of(const KernelCall& call, const std::string& name) {
  static const std::map<std::string_view, Mode> modes = {{"BRANCH_EQ", Mode::Equal},
                                                         {"BRANCH_GT", Mode::Greater},
                                                         {"BRANCH_GTE", Mode::GreaterOrEqual},
                                                         {"BRANCH_LEQ", Mode::LessOrEqual},
                                                         {"BRANCH_LT", Mode::Less},
                                                         {"BRANCH_NEQ", Mode::NotEqual},
                                                         {"LEAF", Mode::Leaf}};
  const auto found = modes.find(name);
  if (found != modes.end()) return found->second;
  call.fail("a node has mode '" + name + "', which is none");
}

// `kind` is "class" or "target".
void add_weights(const KernelCall& call, const std::string& kind, std::size_t targets,
                 const std::map<NodeKey, std::size_t>& places, Trees& trees) {
  const std::vector<double> values = numbers(call, kind + "_weights");
  const auto tree = integers(call, kind + "_treeids", values.size());
  const auto node = integers(call, kind + "_nodeids", values.size());
  const auto target = integers(call, kind + "_ids", values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    trees.nodes[find_node(call, places, {tree[i], node[i]})].weights.push_back(
        {index(call, target[i], targets), values[i]});
  }
}

Trees trees_of(const KernelCall& call, const std::string& kind, std::size_t targets) {
  const std::vector<std::string> modes = string_list(call, "nodes_modes");
  const std::size_t count = modes.size();
  const auto tree = integers(call, "nodes_treeids", count);
  const auto id = integers(call, "nodes_nodeids", count);
  const auto feature = integers(call, "nodes_featureids", count);
  const auto on_true = integers(call, "nodes_truenodeids", count);
  const auto on_false = integers(call, "nodes_falsenodeids", count);
  const auto nan_is_true = call.attributes().get_ints("nodes_missing_value_tracks_true");
  const std::vector<double> splits = numbers(call, "nodes_values");
  if (splits.size() != count) call.fail("attribute 'nodes_values' is too short");
  std::map<NodeKey, std::size_t> places;
  for (std::size_t i = 0; i < count; ++i)
    places[{tree[i], id[i]}] = i;
  Trees trees;
  std::vector<bool> is_child(count, false);
  for (std::size_t i = 0; i < count; ++i) {
    TreeNode& node = trees.nodes.emplace_back();
    node.mode = mode_of(call, modes[i]);
    if (node.mode == Mode::Leaf) continue;
    node.feature = index(call, feature[i], std::size_t{1} << 31U);
    node.split = splits[i];
    node.nan_is_true = i < nan_is_true.size() && nan_is_true[i] != 0;
    node.on_true = find_node(call, places, {tree[i], on_true[i]});
    node.on_false = find_node(call, places, {tree[i], on_false[i]});
    is_child[node.on_true] = is_child[node.on_false] = true;
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_child[i]) trees.roots.push_back(i);
  }
  add_weights(call, kind, targets, places, trees);
  return trees;
}

// Operator set 5: leaves are numbered apart from nodes, and stand behind them here.
Trees trees_of_version_5(const KernelCall& call, std::size_t targets) {
  const std::vector<double> modes = numbers(call, "nodes_modes");
  const std::vector<double> splits = numbers(call, "nodes_splits");
  const std::vector<double> leaf_values = numbers(call, "leaf_weights");
  const std::vector<double> members = numbers(call, "membership_values");
  const std::size_t count = modes.size();
  if (splits.size() != count) call.fail("attribute 'nodes_splits' is too short");
  const auto feature = integers(call, "nodes_featureids", count);
  const auto on_true = integers(call, "nodes_truenodeids", count);
  const auto on_false = integers(call, "nodes_falsenodeids", count);
  const auto true_is_leaf = integers(call, "nodes_trueleafs", count);
  const auto false_is_leaf = integers(call, "nodes_falseleafs", count);
  const auto leaf_targets = integers(call, "leaf_targetids", leaf_values.size());
  const auto nan_is_true = call.attributes().get_ints("nodes_missing_value_tracks_true");
  const auto place = [&](std::int64_t id, std::int64_t is_leaf) {
    return is_leaf != 0 ? count + index(call, id, leaf_values.size()) : index(call, id, count);
  };
  Trees trees;
  std::size_t next_member = 0;
  for (std::size_t i = 0; i < count; ++i) {
    TreeNode& node = trees.nodes.emplace_back();
    if (!(modes[i] >= 0 && modes[i] <= 6)) call.fail("a node has a mode that is none");
    node.mode = static_cast<Mode>(static_cast<int>(modes[i]));
    node.feature = index(call, feature[i], std::size_t{1} << 31U);
    node.split = splits[i];
    node.nan_is_true = i < nan_is_true.size() && nan_is_true[i] != 0;
    node.on_true = place(on_true[i], true_is_leaf[i]);
    node.on_false = place(on_false[i], false_is_leaf[i]);
    if (node.mode != Mode::Member) continue;
    while (next_member < members.size() && !std::isnan(members[next_member]))
      node.members.insert(members[next_member++]);
    ++next_member;  // a NaN ends the members of a node
  }
  for (std::size_t i = 0; i < leaf_values.size(); ++i) {
    trees.nodes.emplace_back().weights = {{index(call, leaf_targets[i], targets), leaf_values[i]}};
  }
  for (const std::int64_t root : call.attributes().get_ints("tree_roots"))
    trees.roots.push_back(index(call, root, count));
  return trees;
}

// ---- what the leaves make together ----

enum class Aggregate { Average, Sum, Min, Max };

std::vector<double> evaluate(const KernelCall& call, const Trees& trees, Aggregate aggregate,
                             std::size_t targets, const std::vector<double>& row) {
  std::vector<double> scores(targets, 0);
  std::vector<bool> has_score(targets, false);
  for (const std::size_t root : trees.roots) {
    for (const Weight& weight : find_leaf(call, trees, root, row).weights) {
      double& score = scores[weight.target];
      if (!has_score[weight.target]) {
        score = weight.value;
      } else if (aggregate == Aggregate::Min) {
        score = std::min(score, weight.value);
      } else if (aggregate == Aggregate::Max) {
        score = std::max(score, weight.value);
      } else {
        score += weight.value;
      }
      has_score[weight.target] = true;
    }
  }
  if (aggregate != Aggregate::Average) return scores;
  for (double& score : scores)
    score /= static_cast<double>(trees.roots.size());
  return scores;
}

std::size_t target_count(const KernelCall& call) {
  const std::int64_t count = call.attributes().get_int("n_targets", 1);
  if (count < 1 || count > (std::int64_t{1} << 24)) call.fail("n_targets is out of range");
  return static_cast<std::size_t>(count);
}

void add_base_values(const KernelCall& call, std::vector<double>& scores) {
  const std::vector<double> base = numbers(call, "base_values");
  if (!base.empty() && base.size() != scores.size())
    call.fail("base_values are not as many as there are targets");
  for (std::size_t i = 0; i < base.size(); ++i)
    scores[i] += base[i];
}

}  // namespace

void tree_ensemble(KernelCall& call) {
  const std::size_t targets = target_count(call);
  const Trees trees = trees_of_version_5(call, targets);
  const std::int64_t aggregate = call.attributes().get_int("aggregate_function", 1);
  const std::int64_t transform = call.attributes().get_int("post_transform", 0);
  static constexpr PostTransform kTransforms[] = {
      PostTransform::None, PostTransform::Softmax, PostTransform::Logistic,
      PostTransform::SoftmaxZero, PostTransform::Probit};
  if (aggregate < 0 || aggregate > 3 || transform < 0 || transform > 4)
    call.fail("an attribute is out of range");
  const auto rows = rows_of(call);
  const DType dtype = call.input(0).dtype();
  Tensor& out = allocate(
      call, 0, dtype, {static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(targets)});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::vector<double> scores =
        evaluate(call, trees, static_cast<Aggregate>(aggregate), targets, rows[i]);
    apply(kTransforms[transform], scores);
    const auto width = static_cast<std::int64_t>(targets);
    store(dtype, out.mutable_raw().data(), static_cast<std::int64_t>(i) * width, 1, width,
          scores.data());
  }
}

void tree_ensemble_regressor(KernelCall& call) {
  static const std::map<std::string, Aggregate> aggregates = {{"AVERAGE", Aggregate::Average},
                                                              {"SUM", Aggregate::Sum},
                                                              {"MIN", Aggregate::Min},
                                                              {"MAX", Aggregate::Max}};
  const auto aggregate = aggregates.find(call.attributes().get_string("aggregate_function", "SUM"));
  if (aggregate == aggregates.end()) call.fail("aggregate_function is none");
  const std::size_t targets = target_count(call);
  const Trees trees = trees_of(call, "target", targets);
  const PostTransform transform = post_transform_of(call);
  std::vector<std::vector<double>> results;
  for (const auto& row : rows_of(call)) {
    results.push_back(evaluate(call, trees, aggregate->second, targets, row));
    add_base_values(call, results.back());
    apply(transform, results.back());
  }
  put_rows(call, 0, results);
}

void tree_ensemble_classifier(KernelCall& call) {
  const Labels labels = labels_of(call, "classlabels_int64s");
  const Trees trees = trees_of(call, "class", labels.size());
  const PostTransform transform = post_transform_of(call);
  const std::vector<std::int64_t> ids = call.attributes().get_ints("class_ids");
  const bool is_binary =
      labels.size() == 2 && !ids.empty() &&
      std::all_of(ids.begin(), ids.end(), [&](std::int64_t id) { return id == ids[0]; });
  const std::vector<double> weights = numbers(call, "class_weights");
  const bool is_probability =
      std::all_of(weights.begin(), weights.end(), [](double weight) { return weight >= 0; });
  const std::vector<double> base = numbers(call, "base_values");
  if (labels.size() < 2 || (is_binary && (ids[0] != 0 || base.size() > 1)))
    call.fail("classes that are spelled like this are not supported");
  std::vector<std::vector<double>> results;
  std::vector<std::size_t> classes;
  for (const auto& row : rows_of(call)) {
    std::vector<double> scores = evaluate(call, trees, Aggregate::Sum, labels.size(), row);
    if (is_binary) {
      scores[0] += base.empty() ? 0 : base[0];
      classes.push_back(scores[0] > (is_probability ? 0.5 : 0.0) ? 1 : 0);
      scores = scores_of_two(call, scores[0], is_probability, transform);
    } else {
      add_base_values(call, scores);
      const auto best = std::max_element(scores.begin(), scores.end());
      classes.push_back(static_cast<std::size_t>(best - scores.begin()));
      apply(transform, scores);
    }
    results.push_back(std::move(scores));
  }
  put_labels(call, labels, classes);
  put_rows(call, 1, results);
}

}  // namespace braid::reference::ops
