#include "ir/check_attributes.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <string_view>

#include "braid/error.hpp"
#include "ir/describe_node.hpp"
#include "ir/traverse.hpp"

namespace braid {
namespace {

// Attributes have one meaning in all operators that have them.
constexpr auto kFlags = std::to_array<std::string_view>({"align_corners",
                                                         "allowzero",
                                                         "antialias",
                                                         "broadcast",
                                                         "ceil_mode",
                                                         "center_point_box",
                                                         "count_include_pad",
                                                         "detect_negative",
                                                         "detect_positive",
                                                         "exclude_outside",
                                                         "exclusive",
                                                         "fmod",
                                                         "input_forget",
                                                         "interleaved",
                                                         "inverse",
                                                         "is_case_sensitive",
                                                         "is_causal",
                                                         "keepdims",
                                                         "largest",
                                                         "layout",
                                                         "linear_before_reset",
                                                         "noop_with_empty_axes",
                                                         "onesided",
                                                         "output_sequence",
                                                         "periodic",
                                                         "reverse",
                                                         "saturate",
                                                         "select_last_index",
                                                         "sorted",
                                                         "spatial",
                                                         "storage_order",
                                                         "training_mode",
                                                         "transA",
                                                         "transB",
                                                         "upper"});

// How far windows reach and where they move to; products of them are counted in 64 bits.
constexpr auto kSteps = std::to_array<std::string_view>({"dilations", "kernel_shape", "strides"});
constexpr auto kPads = std::to_array<std::string_view>({"output_padding", "pads", "paddings"});
constexpr std::int64_t kLargestWindow = std::int64_t{1} << 30;

// Numbers of 64 bits.
constexpr auto kLong =
    std::to_array<std::string_view>({"end", "ends", "ignore_index", "pool_int64s", "seed", "shape",
                                     "split", "start", "starts", "value_int", "value_ints"});

struct Bounds {
  std::int64_t least;
  std::int64_t most;
};

bool is_any(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

Bounds bounds_of(const Node& node, std::string_view name) {
  using Short = std::numeric_limits<std::int32_t>;
  using Long = std::numeric_limits<std::int64_t>;
  if (is_any(kFlags, name)) return {0, 1};
  if (is_any(kSteps, name)) return {1, kLargestWindow};
  if (is_any(kPads, name)) return {-kLargestWindow, kLargestWindow};
  // Inference makes lists of as many, and of as many outputs.
  if (name == "num_scan_inputs") return {0, static_cast<std::int64_t>(node.inputs.size())};
  if (name == "num_outputs") return {1, static_cast<std::int64_t>(node.outputs.size())};
  if (is_any(kLong, name)) return {Long::min(), Long::max()};
  return {Short::min(), Short::max()};
}

void check(const Graph& graph, const Node& node, const Attribute& attribute, std::int64_t value) {
  const auto [least, most] = bounds_of(node, attribute.name);
  if (value >= least && value <= most) return;
  throw Error(ErrorKind::BadInput, place_of(graph, node) + ": attribute '" + attribute.name +
                                       "' has " + std::to_string(value) + ", which must be from " +
                                       std::to_string(least) + " to " + std::to_string(most));
}

}  // namespace

void check_attributes(const Graph& graph) {
  for (const Node& node : graph.nodes) {
    for_each_subgraph(node, [](const GraphPtr& inner) { check_attributes(*inner); });
    if (!node.domain.empty()) continue;
    for (const Attribute& attribute : node.attributes) {
      if (const auto* value = std::get_if<std::int64_t>(&attribute.value))
        check(graph, node, attribute, *value);
      if (const auto* values = std::get_if<std::vector<std::int64_t>>(&attribute.value)) {
        for (const std::int64_t each : *values)
          check(graph, node, attribute, each);
      }
    }
  }
}

}  // namespace braid
