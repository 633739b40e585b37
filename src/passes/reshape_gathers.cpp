// Gather(Reshape(x[b,16], [-1]), [[0..15], [16..31], ...] -> y[b,16])       =>   Reshape(x, [0,16])
// GatherND(x[b,16], [[[0,0], [0,1], ...], [[1,0], ...], ...]) -> y[b,1,16]  =>   Reshape(x,
// [0,1,16])
//
// Indexing with two ranges that are broadcast against each other, as torch exports x[i[:,None],
// j[None,:]], reads every element in its order. The indices are followed through Range, constants,
// views, Expand, and products and sums with constants. Does not fire on indices in another order or
// of which only some are certain, nor when more than one dim of y is not known.

#include <algorithm>
#include <span>

#include "ir/rewrite.hpp"
#include "passes/element_count.hpp"
#include "passes/passes.hpp"
#include "passes/reshape_target.hpp"

namespace braid {
namespace {

// A tensor of integers whose element at [i, j, ...] is offset + steps[0] * i + steps[1] * j + ...
// The step along an axis of size 1 is 0.
struct Grid {
  Shape dims;
  std::vector<std::int64_t> steps;
  std::int64_t offset = 0;
};

bool is_one(const Dim& dim) {
  return dim.size == 1;
}

class GridFollower {
 public:
  explicit GridFollower(const Graph& graph) : graph_(graph), producer_(producers(graph)) {}

  // What the node is a Reshape of; kAbsent if it is none.
  ValueId reshaped(const Node& node) const {
    if (node.is("Gather") && node.attributes.get_int("axis", 0) == 0) return reads_rows(node);
    if (node.is("GatherND") && node.attributes.get_int("batch_dims", 0) == 0)
      return reads_tuples(node);
    return kAbsent;
  }

 private:
  const Node* producer_of(ValueId id) const {
    const int from = id == kAbsent ? -1 : producer_[static_cast<std::size_t>(id)];
    return from < 0 ? nullptr : &graph_.nodes[static_cast<std::size_t>(from)];
  }

  ValueId reads_rows(const Node& node) const {
    const auto grid = follow(node.inputs[1]);
    const auto rank = rank_of(graph_, node.inputs[0]);
    if (!grid || !rank || *rank < 1 || !counts(*grid)) return kAbsent;
    const auto rows = count_elements(grid->dims);
    return rows && rows == row_count(node.inputs[0]) ? node.inputs[0] : kAbsent;
  }

  // 0, 1, 2, ... in row-major order.
  static bool counts(const Grid& grid) {
    std::int64_t step = 1;
    for (std::size_t i = grid.dims.size(); i-- > 0;) {
      if (is_one(grid.dims[i])) continue;
      if (step == 0 || grid.steps[i] != step) return false;
      step = grid.dims[i].is_known() ? step * grid.dims[i].size : 0;
    }
    return grid.offset == 0;
  }

  // The size of the first axis; inference has no name for that of a view which joins axes.
  std::optional<ElementCount> row_count(ValueId id) const {
    const Shape& shape = *shape_of(graph_, id);
    const Node* view = producer_of(id);
    const Shape* from =
        view != nullptr && is_view(*view) ? shape_of(graph_, view->inputs[0]) : nullptr;
    if (from == nullptr) return count_elements(std::span(shape).first(1));
    const auto all = count_elements(*from);
    const auto row = count_elements(std::span(shape).subspan(1));
    return all && row && row->symbols.empty() ? quotient(*all, *row) : std::nullopt;
  }

  static bool is_view(const Node& node) {
    return node.is("Reshape") || node.is("Flatten") || node.is("Squeeze") || node.is("Unsqueeze");
  }

  ValueId reads_tuples(const Node& node) const {
    const Shape* data = shape_of(graph_, node.inputs[0]);
    if (data == nullptr) return kAbsent;
    const Node* concat = producer_of(node.inputs[1]);
    const Shape* tuples = shape_of(graph_, node.inputs[1]);
    if (concat == nullptr || !concat->is("Concat") || tuples == nullptr) return kAbsent;
    const auto rank = static_cast<std::int64_t>(tuples->size());
    const std::int64_t axis = concat->attributes.get_int("axis", 0);
    if (axis != rank - 1 && axis != -1) return kAbsent;
    if (concat->inputs.size() > data->size()) return kAbsent;
    std::vector<bool> is_walked(tuples->size() - 1, false);
    std::size_t next = 0;
    for (std::size_t i = 0; i < concat->inputs.size(); ++i) {
      const auto grid = follow(concat->inputs[i]);
      if (!grid || !is_one(grid->dims.back())) return kAbsent;
      const auto walked = walked_axis(*grid, (*data)[i]);
      if (!walked) return kAbsent;
      if (*walked == grid->dims.size()) continue;
      if (*walked < next) return kAbsent;
      is_walked[*walked] = true;
      next = *walked + 1;
    }
    for (std::size_t i = 0; i + 1 < tuples->size(); ++i) {
      if (!is_walked[i] && !is_one((*tuples)[i])) return kAbsent;
    }
    return node.inputs[0];
  }

  // The one axis along which the grid goes through all of `dim`, or the rank if `dim` is 1.
  static std::optional<std::size_t> walked_axis(const Grid& grid, const Dim& dim) {
    if (grid.offset != 0) return std::nullopt;
    std::size_t walked = grid.dims.size();
    for (std::size_t i = 0; i < grid.dims.size(); ++i) {
      if (grid.steps[i] == 0) continue;
      if (grid.steps[i] != 1 || walked != grid.dims.size()) return std::nullopt;
      if (!grid.dims[i].same_as(dim)) return std::nullopt;
      walked = i;
    }
    if (walked == grid.dims.size() && !is_one(dim)) return std::nullopt;
    return walked;
  }

  std::optional<Grid> follow(ValueId id) const {
    if (id == kAbsent) return std::nullopt;
    const DType dtype = graph_.value(id).type.dtype;
    if (dtype != DType::Int64 && dtype != DType::Int32) return std::nullopt;
    const Shape* shape = shape_of(graph_, id);
    if (graph_.value(id).is_constant() && !graph_.is_input(id)) return constant(id);
    const Node* node = producer_of(id);
    if (node == nullptr || shape == nullptr) return std::nullopt;
    if (node->is("Range")) return range(*node, *shape);
    if (node->is("Cast")) return follow(node->inputs[0]);
    if (node->is("Expand")) return expanded(*node, *shape);
    if (is_view(*node)) return viewed(*node, *shape);
    if (node->is("Mul")) return product(*node, *shape);
    if (node->is("Add")) return sum(*node, *shape);
    return std::nullopt;
  }

  std::optional<Grid> range(const Node& node, const Shape& shape) const {
    if (constant_scalar(graph_, node.inputs[0]) != 0.0 ||
        constant_scalar(graph_, node.inputs[2]) != 1.0 || shape.size() != 1) {
      return std::nullopt;
    }
    return Grid{shape, {is_one(shape[0]) ? 0 : 1}, 0};
  }

  std::optional<Grid> constant(ValueId id) const {
    constexpr std::int64_t kLargest = 1 << 16;
    const Tensor& tensor = graph_.value(id).constant;
    if (tensor.size() == 0 || tensor.size() > kLargest) return std::nullopt;
    const auto numbers = constant_ints(graph_, id);
    if (!numbers) return std::nullopt;
    Grid grid{{}, std::vector<std::int64_t>(tensor.dims().size(), 0), (*numbers)[0]};
    for (const std::int64_t dim : tensor.dims())
      grid.dims.push_back(Dim::known(dim));
    std::size_t stride = 1;
    for (std::size_t i = grid.dims.size(); i-- > 0;) {
      if (!is_one(grid.dims[i])) grid.steps[i] = (*numbers)[stride] - grid.offset;
      stride *= static_cast<std::size_t>(tensor.dims()[i]);
    }
    for (std::size_t n = 0; n < numbers->size(); ++n) {
      if (element(grid, n) != (*numbers)[n]) return std::nullopt;
    }
    return grid;
  }

  static std::int64_t element(const Grid& grid, std::size_t place) {
    std::int64_t number = grid.offset;
    for (std::size_t i = grid.dims.size(); i-- > 0;) {
      const auto dim = static_cast<std::size_t>(grid.dims[i].size);
      number += grid.steps[i] * static_cast<std::int64_t>(place % dim);
      place /= dim;
    }
    return number;
  }

  // The grid as part of a broadcast result of this shape.
  static std::optional<Grid> broadcast(const Grid& grid, const Shape& shape) {
    if (grid.dims.size() > shape.size()) return std::nullopt;
    const std::size_t lead = shape.size() - grid.dims.size();
    Grid result{shape, std::vector<std::int64_t>(shape.size(), 0), grid.offset};
    for (std::size_t i = 0; i < grid.dims.size(); ++i) {
      if (is_one(grid.dims[i])) continue;
      if (!grid.dims[i].same_as(shape[lead + i])) return std::nullopt;
      result.steps[lead + i] = grid.steps[i];
    }
    return result;
  }

  std::optional<Grid> expanded(const Node& node, const Shape& shape) const {
    const auto grid = follow(node.inputs[0]);
    return grid ? broadcast(*grid, shape) : std::nullopt;
  }

  // Only views that insert or remove axes of size 1.
  std::optional<Grid> viewed(const Node& node, const Shape& shape) const {
    const auto grid = follow(node.inputs[0]);
    if (!grid) return std::nullopt;
    Grid result{shape, std::vector<std::int64_t>(shape.size(), 0), grid->offset};
    std::size_t next = 0;
    for (std::size_t i = 0; i < grid->dims.size(); ++i) {
      if (is_one(grid->dims[i])) continue;
      while (next < shape.size() && is_one(shape[next]))
        ++next;
      if (next == shape.size() || !is_same_dim(grid->dims, i, shape, next)) return std::nullopt;
      result.steps[next++] = grid->steps[i];
    }
    const bool is_rest_one =
        std::all_of(shape.begin() + static_cast<std::ptrdiff_t>(next), shape.end(), is_one);
    return is_rest_one ? std::optional(result) : std::nullopt;
  }

  std::optional<Grid> product(const Node& node, const Shape& shape) const {
    for (const std::size_t side : {0U, 1U}) {
      const auto factor = constant_ints(graph_, node.inputs[side]);
      if (!factor || factor->size() != 1) continue;
      const auto grid = follow(node.inputs[1 - side]);
      auto result = grid ? broadcast(*grid, shape) : std::nullopt;
      if (!result || std::abs((*factor)[0]) > kLargestStep) return std::nullopt;
      for (std::int64_t& step : result->steps)
        step *= (*factor)[0];
      result->offset *= (*factor)[0];
      return bounded(*result);
    }
    return std::nullopt;
  }

  std::optional<Grid> sum(const Node& node, const Shape& shape) const {
    const auto first = follow(node.inputs[0]);
    const auto second = follow(node.inputs[1]);
    if (!first || !second) return std::nullopt;
    auto result = broadcast(*first, shape);
    const auto other = broadcast(*second, shape);
    if (!result || !other) return std::nullopt;
    for (std::size_t i = 0; i < shape.size(); ++i)
      result->steps[i] += other->steps[i];
    result->offset += other->offset;
    return bounded(*result);
  }

  static constexpr std::int64_t kLargestStep = std::int64_t{1} << 31;

  // Keeps the arithmetic on steps far from overflow.
  static std::optional<Grid> bounded(const Grid& grid) {
    const auto is_small = [](std::int64_t step) { return std::abs(step) <= kLargestStep; };
    if (!is_small(grid.offset) || !std::all_of(grid.steps.begin(), grid.steps.end(), is_small))
      return std::nullopt;
    return grid;
  }

  const Graph& graph_;
  std::vector<int> producer_;
};

}  // namespace

bool reshape_gathers(Model& model) {
  Graph& graph = model.graph;
  const GridFollower follower(graph);
  NameSource names(graph);
  bool has_changed = false;
  for (Node& node : graph.nodes) {
    const ValueId data = follower.reshaped(node);
    const Shape* from = shape_of(graph, data);
    const Shape* to = shape_of(graph, node.output(0));
    if (from == nullptr || to == nullptr) continue;
    const auto target = reshape_target(*from, *to);
    if (!target) continue;
    const auto rank = static_cast<std::int64_t>(target->size());
    node.op_type = "Reshape";
    node.inputs = {data, graph.add_constant(names.unique("in_order"),
                                            Tensor::of<std::int64_t>({rank}, *target))};
    node.attributes = {};
    has_changed = true;
  }
  if (has_changed) remove_dead(graph);
  return has_changed;
}

}  // namespace braid
