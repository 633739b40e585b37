#include "ir/check_shapes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "braid/error.hpp"
#include "ir/describe_node.hpp"
#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"

namespace braid {
namespace {

constexpr std::size_t kMostInputs = 8;

// The dims of each input, separated by spaces. A letter is one size wherever it stands; "4H" is
// four times H, "gC" is the attribute `group` times C. "..." is any number of dims, the same number
// wherever it stands. An empty string is not judged.
struct Signature {
  std::string_view op_type;
  std::array<std::string_view, kMostInputs> inputs;
};

constexpr auto kSignatures = std::to_array<Signature>({
    {"BatchNormalization", {"N C ...", "C", "C", "C", "C"}},
    {"Conv", {"N gC ...", "gK C ...", "gK"}},
    {"ConvTranspose", {"N gC ...", "gC K ...", "gK"}},
    {"GRU", {"S N I", "D 3H I", "D 3H H", "D 6H", "N", "D N H"}},
    {"GroupNormalization", {"N C ...", "P", "P"}},
    {"InstanceNormalization", {"N C ...", "C", "C"}},
    {"LSTM", {"S N I", "D 4H I", "D 4H H", "D 8H", "N", "D N H", "D N H", "D 3H"}},
    {"RNN", {"S N I", "D H I", "D H H", "D 2H", "N", "D N H"}},
});

// With the attribute layout = 1.
constexpr auto kBatchFirst = std::to_array<Signature>({
    {"GRU", {"N S I", "D 3H I", "D 3H H", "D 6H", "N", "N D H"}},
    {"LSTM", {"N S I", "D 4H I", "D 4H H", "D 8H", "N", "N D H", "N D H", "D 3H"}},
    {"RNN", {"N S I", "D H I", "D H H", "D 2H", "N", "N D H"}},
});

// Inputs that have to be broadcast to the shape of the first.
struct Broadcast {
  std::string_view op_type;
  std::size_t first;
  std::size_t last;
};

constexpr auto kBroadcasts = std::to_array<Broadcast>({
    {"LayerNormalization", 1, 2},
    {"RMSNormalization", 1, 1},
    {"SimplifiedLayerNormalization", 1, 1},
});

std::string spelled(const Shape& shape) {
  std::string text = "{";
  for (const Dim& dim : shape)
    text += (text.size() == 1 ? "" : ", ") + (dim.is_known() ? std::to_string(dim.size) : "?");
  return text + "}";
}

class NodeShapes {
 public:
  NodeShapes(const Graph& graph, const Node& node) : graph_(graph), node_(node) {}

  void check() {
    // Before opset 9 a BatchNormalization could have parameters for each place.
    if (node_.attributes.get_int("spatial", 1) == 0) return;
    const bool is_batch_first = node_.attributes.get_int("layout", 0) == 1;
    if (const Signature* signature = is_batch_first ? find(kBatchFirst) : find(kSignatures)) {
      for (std::size_t i = 0; i < kMostInputs; ++i)
        fit(i, signature->inputs[i]);
    }
    if (const Broadcast* broadcast = find(kBroadcasts)) {
      for (std::size_t i = broadcast->first; i <= broadcast->last; ++i)
        broadcast_to(i, input(0));
    }
    if (node_.is("Gemm") && !node_.outputs.empty())
      broadcast_to(2, shape_of(graph_, node_.outputs[0]));
    if (node_.is("PRelu") && !has_slope_by_channel()) broadcast_to(1, input(0));
    if (node_.is("GroupNormalization")) check_groups();
    if (node_.is("Conv") || node_.is("ConvTranspose")) check_kernel_shape();
  }

 private:
  template <class Table>
  const typename Table::value_type* find(const Table& table) const {
    const auto found =
        std::ranges::find_if(table, [&](const auto& row) { return node_.is(row.op_type); });
    return found == table.end() ? nullptr : &*found;
  }

  const Shape* input(std::size_t i) const {
    const bool is_given = i < node_.inputs.size() && node_.inputs[i] != kAbsent;
    return is_given ? shape_of(graph_, node_.inputs[i]) : nullptr;
  }

  // `i`: the input that does not fit.
  [[noreturn]] void fail(std::size_t i, const std::string& cause) const {
    throw Error(ErrorKind::BadInput, place_of(graph_, node_) + ": input " + std::to_string(i) +
                                         " has shape " + spelled(*input(i)) + ", " + cause);
  }

  void fit(std::size_t i, std::string_view signature) {
    const Shape* shape = input(i);
    if (shape == nullptr || signature.empty()) return;
    std::size_t axis = 0;
    while (!signature.empty()) {
      const std::string_view token = signature.substr(0, signature.find(' '));
      signature.remove_prefix(std::min(signature.size(), token.size() + 1));
      if (token == "...") return fit_rest(i, *shape, axis);
      if (axis == shape->size()) fail(i, "which has too few dims");
      fit_dim(i, (*shape)[axis++], token);
    }
    if (axis != shape->size()) fail(i, "which has too many dims");
  }

  void fit_rest(std::size_t i, const Shape& shape, std::size_t from) {
    const auto count = static_cast<std::int64_t>(shape.size() - from);
    const auto [known, is_new] = sizes_.emplace("...", count);
    if (known->second != count) fail(i, "which has not as many dims as the other inputs");
  }

  void fit_dim(std::size_t i, const Dim& dim, std::string_view token) {
    const std::int64_t factor = factor_of(i, token);
    if (!dim.is_known()) return;
    const std::string_view letter = token.substr(token.size() - 1);
    if (dim.size % factor != 0)
      fail(i, std::to_string(dim.size) + " is no multiple of " + std::to_string(factor));
    const auto [known, is_new] = sizes_.emplace(letter, dim.size / factor);
    if (known->second != dim.size / factor)
      fail(i, std::to_string(dim.size) + " where other inputs ask for " +
                  std::to_string(known->second * factor));
  }

  std::int64_t factor_of(std::size_t i, std::string_view token) const {
    if (token.size() == 1) return 1;
    if (token[0] != 'g') return token[0] - '0';
    const std::int64_t group = node_.attributes.get_int("group", 1);
    if (group < 1) fail(i, "but group = " + std::to_string(group));
    return group;
  }

  void broadcast_to(std::size_t i, const Shape* target) const {
    const Shape* shape = input(i);
    if (shape == nullptr || target == nullptr) return;
    const std::string cause = "which does not broadcast to " + spelled(*target);
    if (shape->size() > target->size()) fail(i, cause);
    const std::size_t skipped = target->size() - shape->size();
    for (std::size_t axis = 0; axis < shape->size(); ++axis) {
      const Dim& from = (*shape)[axis];
      const Dim& to = (*target)[skipped + axis];
      if (from.is_known() && from.size != 1 && to.is_known() && from.size != to.size)
        fail(i, cause);
    }
  }

  // As it was before opset 7.
  bool has_slope_by_channel() const {
    const Shape* slope = input(1);
    const Shape* data = input(0);
    if (slope == nullptr || data == nullptr || slope->size() != 1 || data->size() < 2) return false;
    return !(*data)[1].is_known() || (*slope)[0].size == (*data)[1].size;
  }

  // The parameters are those of channels since opset 21, and were those of groups.
  void check_groups() const {
    const auto channels = sizes_.find("C");
    const auto parameters = sizes_.find("P");
    if (channels == sizes_.end() || parameters == sizes_.end()) return;
    const std::int64_t groups = node_.attributes.get_int("num_groups", 1);
    if (groups < 1 || channels->second % groups != 0)
      fail(0, "but num_groups = " + std::to_string(groups));
    if (parameters->second != channels->second && parameters->second != groups)
      fail(1, "which is neither that of the channels nor of the groups");
  }

  void check_kernel_shape() const {
    const Shape* weight = input(1);
    const auto kernel = node_.attributes.get_ints("kernel_shape");
    if (weight == nullptr || kernel.empty()) return;
    const bool fits =
        weight->size() == kernel.size() + 2 &&
        std::equal(kernel.begin(), kernel.end(), weight->begin() + 2,
                   [](std::int64_t k, const Dim& dim) { return !dim.is_known() || dim.size == k; });
    if (!fits) fail(1, "which is not what kernel_shape says");
  }

  const Graph& graph_;
  const Node& node_;
  std::map<std::string, std::int64_t, std::less<>> sizes_;  // by letter
};

}  // namespace

void check_shapes(const Graph& graph) {
  for (const Node& node : graph.nodes) {
    NodeShapes(graph, node).check();
    for_each_subgraph(node, [](const GraphPtr& inner) { check_shapes(*inner); });
  }
}

}  // namespace braid
