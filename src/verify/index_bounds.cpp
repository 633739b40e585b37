#include "verify/index_bounds.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "ir/rewrite.hpp"

namespace braid {
namespace {

// Operators whose results are elements of their first input, unchanged.
constexpr std::array<std::string_view, 15> kMovesFirst = {
    "Identity", "Cast",  "Reshape",        "Unsqueeze", "Squeeze",
    "Expand",   "Slice", "Transpose",      "Flatten",   "Gather",
    "Split",    "Tile",  "GatherElements", "GatherND",  "Pad"};

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Bounds {
 public:
  explicit Bounds(const Graph& graph) : graph_(graph), bounds_(graph.values.size(), kNoBound) {}

  // Readers stand behind what they read, so one walk from the end sees them all.
  std::vector<std::int64_t> run() {
    for (auto node = graph_.nodes.rbegin(); node != graph_.nodes.rend(); ++node) {
      if (!node->domain.empty()) continue;
      pass_on(*node);
      add_own(*node);
    }
    return std::move(bounds_);
  }

 private:
  void tighten(ValueId id, std::int64_t bound) {
    if (id == kAbsent || bound == kNoBound) return;
    std::int64_t& known = bounds_[static_cast<std::size_t>(id)];
    known = known == kNoBound ? bound : std::min(known, bound);
  }

  // The bound of what a node produces holds for what it moves there.
  void pass_on(const Node& node) {
    for (const ValueId output : node.outputs) {
      if (output == kAbsent) continue;
      const std::int64_t bound = bounds_[static_cast<std::size_t>(output)];
      if (contains(kMovesFirst, node.op_type)) tighten(node.input(0), bound);
      if (node.op_type == "Concat") {
        for (const ValueId input : node.inputs)
          tighten(input, bound);
      }
      if (node.op_type == "Where") {
        tighten(node.input(1), bound);
        tighten(node.input(2), bound);
      }
    }
  }

  void add_own(const Node& node) {
    const std::string& op = node.op_type;
    if (op == "Gather" || op == "GatherElements" || op == "ScatterElements") {
      tighten(node.input(1), dim_of(node.input(0), node.attributes.get_int("axis", 0)));
    } else if (op == "GatherND") {
      const std::int64_t first = node.attributes.get_int("batch_dims", 0);
      tighten(node.input(1), least_dim(node.input(0), node.input(1), first));
    } else if (op == "ScatterND") {
      tighten(node.input(1), least_dim(node.input(0), node.input(1), 0));
    } else if (op == "OneHot") {
      const auto depth = constant_ints(graph_, node.input(1));
      if (depth && depth->size() == 1) tighten(node.input(0), depth->front());
    }
  }

  // Dims of a value; those not known are kNoBound.
  std::vector<std::int64_t> dims_of(ValueId id) const {
    if (id == kAbsent) return {};
    const Value& value = graph_.value(id);
    if (value.is_constant()) return value.constant.dims();
    std::vector<std::int64_t> dims;
    if (!value.type.shape) return dims;
    for (const Dim& dim : *value.type.shape)
      dims.push_back(dim.is_known() ? dim.size : kNoBound);
    return dims;
  }

  std::int64_t dim_of(ValueId id, std::int64_t axis) const {
    const std::vector<std::int64_t> dims = dims_of(id);
    const auto rank = static_cast<std::int64_t>(dims.size());
    if (axis < 0) axis += rank;
    return axis >= 0 && axis < rank ? dims[static_cast<std::size_t>(axis)] : kNoBound;
  }

  // One vector along the last axis of the indices addresses several axes of the data.
  std::int64_t least_dim(ValueId data, ValueId indices, std::int64_t first) const {
    const std::int64_t length = dim_of(indices, -1);
    const auto rank = static_cast<std::int64_t>(dims_of(data).size());
    const std::int64_t last = length == kNoBound ? rank : std::min(rank, first + length);
    std::int64_t least = kNoBound;
    for (std::int64_t axis = first; axis < last; ++axis) {
      const std::int64_t dim = dim_of(data, axis);
      if (dim != kNoBound) least = least == kNoBound ? dim : std::min(least, dim);
    }
    return least;
  }

  const Graph& graph_;
  std::vector<std::int64_t> bounds_;
};

}  // namespace

std::vector<std::int64_t> index_bounds(const Graph& graph) {
  return Bounds(graph).run();
}

}  // namespace braid
