// AveragePool {pads: 0, 0, 0, 0; count_include_pad: 1}   =>   AveragePool      likewise MaxPool
// ConvTranspose {output_padding: 0, 0}                   =>   ConvTranspose
//
// Exporters differ in what they write out where nothing is padded. Does not fire on pooling with
// auto_pad; with ceil_mode, count_include_pad stays.

#include <algorithm>

#include "passes/passes.hpp"

namespace braid {
namespace {

bool has_zeros(const Attributes& attributes, const char* name) {
  const auto numbers = attributes.get_ints(name);
  return attributes.has(name) &&
         std::all_of(numbers.begin(), numbers.end(), [](std::int64_t n) { return n == 0; });
}

bool drop_pads_of_pool(Attributes& attributes) {
  if (attributes.get_string("auto_pad", "NOTSET") != "NOTSET") return false;
  const bool has_dropped = has_zeros(attributes, "pads");
  if (has_dropped) attributes.erase("pads");
  if (attributes.has("pads") || !attributes.has("count_include_pad")) return has_dropped;
  if (attributes.get_int("ceil_mode", 0) != 0) return has_dropped;
  attributes.erase("count_include_pad");
  return true;
}

}  // namespace

bool drop_zero_pads(Model& model) {
  bool has_changed = false;
  for (Node& node : model.graph.nodes) {
    if (node.is("AveragePool") || node.is("MaxPool"))
      has_changed |= drop_pads_of_pool(node.attributes);
    if (node.is("ConvTranspose") && has_zeros(node.attributes, "output_padding")) {
      node.attributes.erase("output_padding");
      has_changed = true;
    }
  }
  return has_changed;
}

}  // namespace braid
