// s = scale * MatMul(q, k) [+ addends], p = Softmax(s) [Where(IsNaN(p), 0, p)], y = MatMul(p, v)
//   =>   y = Attention(q, k, v, addends...)
//
// The scores of a head need never lie in memory as a whole. Transposes, Reshapes, Expands, Splits
// and Slices between q, k, v or y and what computes or reads them become strides, scales of q and k
// become part of that of the scores (plan/attention_layout.hpp), and so do those of addends, of
// which the relative shift of XLNet is one. Products may be Einsums. Does not apply to other types
// than float, when scores or weights have other readers, nor when keys or values are constant:
// products with those are faster when they are packed.

#include <algorithm>
#include <cmath>
#include <functional>

#include "ir/node_readers.hpp"
#include "ir/rewrite.hpp"
#include "plan/attention_layout.hpp"
#include "plan/fuse/fuse.hpp"
#include "plan/fuse/matrix_product.hpp"
#include "plan/fuse/view_through.hpp"
#include "plan/operator.hpp"

namespace braid {
namespace {

using Dims = StridedView::Dims;

// Nodes between a Softmax and its product, or a product and where its operands lie.
constexpr int kMostSteps = 16;

// A tensor seen as matrices, times a factor.
struct Source {
  ValueId base = kAbsent;
  StridedView view;
  double factor = 1.0;
};

// What a Softmax is taken of.
struct Scores {
  MatrixProduct product;
  double scale = 1.0;
  std::vector<Source> addends;  // of the dims that they are added to
};

// What becomes of the weights.
struct Result {
  MatrixProduct product;
  bool is_guarded = false;
  std::size_t last = 0;  // the node whose output is y
};

bool is_matrix_axis(const StridedView::Axis& axis) {
  return axis.size() <= 1;
}

// As gemm reads matrices, or writes them if `is_output`.
bool are_matrices(const StridedView& view, bool is_output) {
  const StridedView::Axis& rows = view.axis(view.rank() - 2);
  const StridedView::Axis& columns = view.axis(view.rank() - 1);
  if (!is_matrix_axis(rows) || !is_matrix_axis(columns)) return false;
  const auto is_contiguous = [](const StridedView::Axis& axis) {
    return axis.empty() || axis[0].stride == 1;
  };
  return is_contiguous(columns) || (!is_output && is_contiguous(rows));
}

Dims with_matrix(Dims batch, std::int64_t rows, std::int64_t columns) {
  batch.insert(batch.end(), {rows, columns});
  return batch;
}

// The coarsest factors of an axis that all views can be divided into, the outermost first.
std::optional<Dims> common_factors(const std::vector<const StridedView*>& views, std::size_t axis) {
  std::vector<std::int64_t> cuts = {1};  // products of the innermost factors
  for (const StridedView* view : views) {
    std::int64_t inner = 1;
    const StridedView::Axis& factors = view->axis(axis);
    for (auto factor = factors.rbegin(); factor != factors.rend(); ++factor)
      cuts.push_back(inner *= factor->size);
  }
  std::sort(cuts.begin(), cuts.end());
  Dims sizes;
  for (std::size_t i = 1; i < cuts.size(); ++i) {
    if (cuts[i] % cuts[i - 1] != 0) return std::nullopt;
    if (cuts[i] != cuts[i - 1]) sizes.insert(sizes.begin(), cuts[i] / cuts[i - 1]);
  }
  return sizes;
}

// The views, which have the same batch, as matrices of a layout with that batch.
std::optional<std::vector<AttentionLayout::Matrices>> to_matrices(
    const std::vector<const StridedView*>& views, Dims& batch) {
  std::vector<AttentionLayout::Matrices> result;
  const auto stride = [](const StridedView::Axis& axis) {
    return axis.empty() ? 0 : axis[0].stride;
  };
  const std::size_t rank = views[0]->rank();
  for (const StridedView* view : views) {
    if (!is_matrix_axis(view->axis(rank - 2)) || !is_matrix_axis(view->axis(rank - 1)))
      return std::nullopt;
    result.push_back(
        {view->offset(), stride(view->axis(rank - 2)), stride(view->axis(rank - 1)), {}});
  }
  for (std::size_t axis = 0; axis + 2 < rank; ++axis) {
    const auto sizes = common_factors(views, axis);
    if (!sizes) return std::nullopt;
    batch.insert(batch.end(), sizes->begin(), sizes->end());
    for (std::size_t i = 0; i < views.size(); ++i) {
      const auto strides = strides_of(views[i]->axis(axis), *sizes);
      if (!strides) return std::nullopt;
      result[i].batch.insert(result[i].batch.end(), strides->begin(), strides->end());
    }
  }
  return result;
}

class AttentionFuser {
 public:
  AttentionFuser(Graph& graph, const Backend& backend)
      : graph_(graph),
        backend_(backend),
        reader_counts_(reader_counts(graph)),
        producers_(producers(graph)),
        readers_(node_readers(graph)) {}

  bool run() {
    bool has_changed = false;
    for (const Node& node : graph_.nodes) {
      if (!is_softmax_of_rows(node)) continue;
      const auto scores = find_scores(node.inputs[0], 1.0, kMostSteps);
      auto result = find_result(node.outputs[0]);
      if (!scores || !result || scores->product.node == result->product.node) continue;
      // Scores may have been reshaped on the way to the softmax.
      if (dims_of(node.inputs[0]).back() != dims_of(scores->product.y.id).back()) continue;
      auto fused = fuse(*scores, *result);
      if (!fused || !has_kernel(graph_, *fused, backend_)) continue;
      graph_.nodes[result->last] = std::move(*fused);
      has_changed = true;
    }
    if (has_changed) remove_dead(graph_);
    return has_changed;
  }

 private:
  // With at least one element.
  bool is_float(ValueId id) const {
    if (id == kAbsent || !backend_.fuses(graph_.value(id).type.dtype)) return false;
    const auto dims = known_dims(graph_, id);
    return dims && std::find(dims->begin(), dims->end(), 0) == dims->end();
  }

  Dims dims_of(ValueId id) const { return *known_dims(graph_, id); }

  Dims matrix_dims(const MatrixProduct::Operand& operand) const {
    return operand.as_matrices(StridedView(dims_of(operand.id))).dims();
  }

  bool is_softmax_of_rows(const Node& node) const {
    if (!node.is("Softmax") || !is_float(node.inputs[0]) || !is_float(node.outputs[0]))
      return false;
    const auto rank = static_cast<std::int64_t>(dims_of(node.inputs[0]).size());
    const std::int64_t axis = node.attributes.get_int("axis", -1);
    return rank >= 2 && (axis == -1 || axis == rank - 1);
  }

  std::optional<MatrixProduct> of_floats(const std::optional<MatrixProduct>& product) const {
    const bool is_any =
        product && is_float(product->a.id) && is_float(product->b.id) && is_float(product->y.id);
    return is_any ? product : std::nullopt;
  }

  const Node* producer(ValueId id) const {
    const int from = id == kAbsent ? -1 : producers_[static_cast<std::size_t>(id)];
    return from < 0 ? nullptr : &graph_.nodes[static_cast<std::size_t>(from)];
  }

  // The node that alone reads a value.
  std::optional<std::size_t> reader(ValueId id) const {
    const auto v = static_cast<std::size_t>(id);
    if (reader_counts_[v] != 1 || readers_[v].size() != 1) return std::nullopt;
    return readers_[v][0];
  }

  // What the node multiplies its first input by, if it is a number that is none of the odd ones.
  std::optional<double> factor_of(const Node& node) const {
    if (!node.is("Mul") && !node.is("Div")) return std::nullopt;
    const auto number = constant_scalar(graph_, node.inputs[1]);
    if (!number || known_dims(graph_, node.inputs[0]) != known_dims(graph_, node.outputs[0]))
      return std::nullopt;
    const double factor = node.is("Mul") ? *number : 1.0 / *number;
    return std::isnormal(static_cast<float>(factor)) ? std::optional(factor) : std::nullopt;
  }

  // ---- scores ----

  // The product that `id` is made of, if nothing else reads what lies between.
  std::optional<Scores> find_scores(ValueId id, double factor, int steps) const {
    const Node* node = producer(id);
    if (node == nullptr || !reader(id) || !is_float(id) || steps == 0) return std::nullopt;
    if (const auto product = of_floats(product_with_matrices(graph_, *node)))
      return Scores{*product, factor, {}};
    if (const auto own = factor_of(*node))
      return find_scores(node->inputs[0], factor * *own, steps - 1);
    if (is_invertible_view(*node) && !node->is("Transpose"))
      return find_scores(node->inputs[0], factor, steps - 1);
    if (!node->is("Add") && !node->is("Sub")) return std::nullopt;
    for (const std::size_t side : {0U, 1U}) {
      if (side == 1 && node->is("Sub")) break;
      const ValueId other = node->inputs[1 - side];
      if (!is_float(other) || known_dims(graph_, node->inputs[side]) != known_dims(graph_, id))
        continue;
      auto found = find_scores(node->inputs[side], factor, steps - 1);
      const auto addend = find_addend(other, dims_of(id));
      if (!found || !addend) continue;
      found->addends.push_back(*addend);
      found->addends.back().factor *= node->is("Sub") ? -factor : factor;
      return found;
    }
    return std::nullopt;
  }

  // What is added to scores of these dims. Neighbours stay neighbours: they are read together.
  std::optional<Source> find_addend(ValueId id, const Dims& dims) const {
    const auto see = [&](const StridedView& own) -> std::optional<StridedView> {
      const auto view = own.expanded(dims);
      const auto are_neighbours = [](const StridedView::Axis& axis) {
        return axis.empty() || (axis.size() == 1 && axis[0].stride <= 1);
      };
      return view && are_neighbours(view->axis(view->rank() - 1)) ? view : std::nullopt;
    };
    const auto view = StridedView(dims_of(id)).expanded(dims);
    if (!view) return std::nullopt;
    return trace({id, *view}, true, see);
  }

  // ---- weights ----

  std::optional<Result> find_result(ValueId weights) const {
    Result result;
    if (const auto guard = find_guard(weights)) {
      weights = graph_.nodes[*guard].outputs[0];
      result.is_guarded = true;
    }
    auto next = reader(weights);
    while (next && is_reshape(graph_.nodes[*next])) {
      weights = graph_.nodes[*next].outputs[0];
      next = reader(weights);
    }
    if (!next) return std::nullopt;
    const auto product = of_floats(product_of_matrices(graph_, graph_.nodes[*next], weights));
    if (!product) return std::nullopt;
    result.product = *product;
    result.last = *next;
    return result;
  }

  static bool is_reshape(const Node& node) {
    return is_invertible_view(node) && !node.is("Transpose");
  }

  // Where(IsNaN(weights), 0, weights), if nothing else reads any of these.
  std::optional<std::size_t> find_guard(ValueId weights) const {
    const auto v = static_cast<std::size_t>(weights);
    if (reader_counts_[v] != 2 || readers_[v].size() != 2) return std::nullopt;
    for (const std::size_t n : readers_[v]) {
      const Node& node = graph_.nodes[n];
      if (!node.is("Where") || node.inputs[2] != weights) continue;
      const Node* test = producer(node.inputs[0]);
      const bool is_guard = test != nullptr && test->is("IsNaN") && test->inputs[0] == weights &&
                            reader(node.inputs[0]) &&
                            constant_scalar(graph_, node.inputs[1]) == 0 &&
                            known_dims(graph_, node.outputs[0]) == known_dims(graph_, weights);
      if (is_guard) return n;
    }
    return std::nullopt;
  }

  // ---- operands ----

  // Where the operand of a product lies, as far back as it can be read from there.
  Source find_source(const MatrixProduct::Operand& operand, bool is_scaled) const {
    const auto see = [&](const StridedView& own) {
      const StridedView view = operand.as_matrices(own);
      return are_matrices(view, false) ? std::optional(view) : std::nullopt;
    };
    const ValueId id = operand.id;
    return trace({id, operand.as_matrices(StridedView(dims_of(id)))}, is_scaled, see);
  }

  // The furthest value that `best` is made of by moving and scaling, as which `see` yields a view
  // of it, given that of `best`'s own axes.
  Source trace(Source best, bool is_scaled,
               const std::function<std::optional<StridedView>(const StridedView&)>& see) const {
    ValueId id = best.base;
    std::vector<std::pair<const Node*, std::size_t>> path;  // nodes and their outputs, last first
    double factor = 1.0;
    for (int step = 0; step < kMostSteps; ++step) {
      const Node* node = producer(id);
      if (node == nullptr || !is_float(node->input(0))) break;
      if (const auto own = is_scaled ? factor_of(*node) : std::nullopt) {
        factor *= *own;
      } else {
        const auto output = std::find(node->outputs.begin(), node->outputs.end(), id);
        path.emplace_back(node, output - node->outputs.begin());
      }
      id = node->inputs[0];
      const auto own = view_along(path, id);
      if (!own) break;
      if (const auto view = see(*own)) best = {id, *view, factor};
    }
    return best;
  }

  std::optional<StridedView> view_along(
      const std::vector<std::pair<const Node*, std::size_t>>& path, ValueId base) const {
    std::optional<StridedView> view = StridedView(dims_of(base));
    for (auto step = path.rbegin(); step != path.rend() && view; ++step)
      view = view_through(graph_, *step->first, step->second, *view);
    return view;
  }

  // The product's output, seen in what is made of it alone, as far on as it can be written there.
  // Sets the node that makes that.
  StridedView find_target(const MatrixProduct::Operand& product, std::size_t& last) const {
    StridedView best = product.as_matrices(StridedView(dims_of(product.id)));
    std::vector<const Node*> path;
    auto next = reader(product.id);
    while (next && is_invertible_view(graph_.nodes[*next]) && path.size() < kMostSteps) {
      const Node& node = graph_.nodes[*next];
      if (!is_float(node.outputs[0])) break;
      path.push_back(&node);
      std::optional<StridedView> view = StridedView(dims_of(node.outputs[0]));
      for (auto step = path.rbegin(); step != path.rend() && view; ++step)
        view = view_before(graph_, **step, *view);
      if (!view) break;
      const StridedView matrices = product.as_matrices(*view);
      if (node.is("Transpose") && are_matrices(matrices, true)) {
        best = matrices;
        last = *next;
      }
      next = reader(node.outputs[0]);
    }
    return best;
  }

  // ---- the operator ----

  // Sets the last node that it takes the place of.
  std::optional<Node> fuse(const Scores& scores, Result& result) const {
    const Dims dims = dims_of(scores.product.y.id);
    const Dims batch(dims.begin(), dims.end() - 2);
    Dims later = matrix_dims(result.product.y);
    AttentionLayout layout;
    layout.rows = dims[batch.size()];
    layout.keys = dims.back();
    layout.width = matrix_dims(scores.product.a).back();
    layout.value_width = later.back();
    layout.is_guarded = result.is_guarded;
    const Dims weights = dims_of(result.product.a.id);
    if (weights.back() != layout.keys || weights[weights.size() - 2] != layout.rows)
      return std::nullopt;

    const Source q = find_source(scores.product.a, true);
    const Source k = find_source(scores.product.b, true);
    const Source v = find_source(result.product.b, false);
    if (graph_.value(k.base).is_constant() || graph_.value(v.base).is_constant())
      return std::nullopt;
    layout.scale = static_cast<float>(scores.scale * q.factor * k.factor);
    if (!std::isnormal(layout.scale)) return std::nullopt;

    // All of the batch that the scores have. The weights may have been reshaped.
    later[later.size() - 2] = layout.keys;
    const auto values = v.view.expanded(later);
    std::vector<std::optional<StridedView>> views = {
        q.view.expanded(with_matrix(batch, layout.rows, layout.width)),
        k.view.expanded(with_matrix(batch, layout.width, layout.keys)),
        values ? values->reshaped(with_matrix(batch, layout.keys, layout.value_width))
               : std::nullopt,
        find_target(result.product.y, result.last)
            .reshaped(with_matrix(batch, layout.rows, layout.value_width))};
    for (const Source& addend : scores.addends)
      views.push_back(addend.view.reshaped(dims));

    Node node;
    node.op_type = "Attention";
    node.domain = kFusedDomain;
    node.name = result.product.node->name;
    node.inputs = {q.base, k.base, v.base};
    for (const Source& addend : scores.addends)
      node.inputs.push_back(addend.base);
    node.outputs = graph_.nodes[result.last].outputs;
    if (!place(views, scores.addends, layout)) return std::nullopt;
    node.attributes = layout.to_attributes();
    return node;
  }

  // Strides of all operands: q, k, v, y, and the addends.
  static bool place(const std::vector<std::optional<StridedView>>& views,
                    const std::vector<Source>& addends, AttentionLayout& layout) {
    std::vector<const StridedView*> known;
    for (const auto& view : views) {
      if (!view) return false;
      known.push_back(&*view);
    }
    auto matrices = to_matrices(known, layout.batch);
    if (!matrices) return false;
    layout.q = (*matrices)[0];
    layout.k = (*matrices)[1];
    std::swap(layout.k.row, layout.k.column);  // seen as width x keys
    layout.v = (*matrices)[2];
    layout.y = (*matrices)[3];
    for (std::size_t i = 0; i < addends.size(); ++i)
      layout.addends.push_back({(*matrices)[4 + i], static_cast<float>(addends[i].factor)});
    return true;
  }

  Graph& graph_;
  const Backend& backend_;
  std::vector<int> reader_counts_;
  std::vector<int> producers_;
  std::vector<std::vector<std::size_t>> readers_;  // nodes that read each value
};

}  // namespace

bool fuse_attention(Model& model, const Backend& backend) {
  return AttentionFuser(model.graph, backend).run();
}

}  // namespace braid
