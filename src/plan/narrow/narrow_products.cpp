// Products: the axes that are summed over are read as a whole, the others as they are needed.
// Convolutions in groups drop those groups of which nothing is needed.

#include <algorithm>
#include <map>

#include "plan/narrow/broadcast_region.hpp"
#include "plan/narrow/narrowing.hpp"

namespace braid {
namespace {

// The needed region of all axes but the last two.
Region batch_region(const Region& needed, const Dims& dims) {
  const Region batch(needed.begin(), needed.end() - 2);
  return broadcast_region(batch, Dims(dims.begin(), dims.end() - 2));
}

Region matrix_region(Region batch, Ranges rows, Ranges columns) {
  batch.push_back(std::move(rows));
  batch.push_back(std::move(columns));
  return batch;
}

// What each letter of "ij,jk->ik" stands for; nothing if the equation has other signs.
struct Equation {
  std::vector<std::string> inputs;
  std::string output;
};

std::optional<Equation> parse_equation(const std::string& text) {
  Equation equation{{""}, ""};
  const std::size_t arrow = text.find("->");
  if (arrow == std::string::npos) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == arrow || i == arrow + 1 || text[i] == ' ') continue;
    const char sign = text[i];
    if (sign == ',') {
      equation.inputs.emplace_back();
    } else if (sign == '.') {
      return std::nullopt;
    } else {
      (i < arrow ? equation.inputs.back() : equation.output) += sign;
    }
  }
  return equation;
}

// The groups of which something is needed, and all that they make.
struct NeededGroups {
  Ranges groups;
  Ranges made;
};

NeededGroups needed_groups(const Ranges& channels, std::int64_t channels_per_group) {
  const Ranges groups = blocks_of(channels, channels_per_group);
  return {groups, elements_of(groups, channels_per_group)};
}

// Convolutions read X [N, groups*C, ...], W and B [groups*K].
Narrowing convolution(const NarrowSite& site, const NeededGroups& needed, Region weight,
                      bool keeps_channels) {
  const Region& output = *site.needed[0];
  const std::int64_t groups = site.node.attributes.get_int("group", 1);
  Region data = whole_region(site.inputs[0]);
  data[0] = output[0];
  if (!keeps_channels) data[1] = elements_of(needed.groups, site.inputs[0][1] / groups);
  Region made = whole_region(site.outputs[0]);
  made[0] = output[0];
  made[1] = needed.made;
  Narrowing result{{data, std::move(weight)}, {made}, {}};
  if (site.inputs.size() > 2) result.inputs.emplace_back();
  if (site.has_input(2)) result.inputs[2] = Region{needed.made};
  if (!keeps_channels) {
    result.respell = [count = count_of(needed.groups)](Node& node, const AddInts& /*add_ints*/) {
      node.attributes.set("group", count);
    };
  }
  return result;
}

}  // namespace

std::optional<Narrowing> narrow_matmul(const NarrowSite& site) {
  const Dims& a = site.inputs[0];
  const Dims& b = site.inputs[1];
  if (a.size() < 2 || b.size() < 2) return std::nullopt;
  const Region& needed = *site.needed[0];
  // What a file declares may contradict what the operands give.
  if (needed.size() != std::max(a.size(), b.size())) return std::nullopt;
  const Ranges inner = whole_axis(a.back());
  return Narrowing{{matrix_region(batch_region(needed, a), needed[needed.size() - 2], inner),
                    matrix_region(batch_region(needed, b), inner, needed.back())},
                   {needed},
                   {}};
}

std::optional<Narrowing> narrow_gemm(const NarrowSite& site) {
  const Region& needed = *site.needed[0];
  const bool swaps_a = site.node.attributes.get_int("transA", 0) != 0;
  const bool swaps_b = site.node.attributes.get_int("transB", 0) != 0;
  const Ranges inner = whole_axis(site.inputs[0][swaps_a ? 0 : 1]);
  Narrowing result{{swaps_a ? Region{inner, needed[0]} : Region{needed[0], inner},
                    swaps_b ? Region{needed[1], inner} : Region{inner, needed[1]}},
                   {needed},
                   {}};
  if (site.inputs.size() > 2) result.inputs.emplace_back();
  if (site.has_input(2)) result.inputs[2] = broadcast_region(needed, site.inputs[2]);
  return result;
}

std::optional<Narrowing> narrow_einsum(const NarrowSite& site) {
  const auto equation = parse_equation(site.node.attributes.get_string("equation", ""));
  if (!equation || equation->inputs.size() != site.inputs.size()) return std::nullopt;
  const Region& needed = *site.needed[0];
  if (equation->output.size() != needed.size()) return std::nullopt;
  std::map<char, Ranges> of_letter;
  for (std::size_t axis = 0; axis < needed.size(); ++axis)
    of_letter[equation->output[axis]] = needed[axis];
  Narrowing result;
  for (std::size_t i = 0; i < site.inputs.size(); ++i) {
    const std::string& letters = equation->inputs[i];
    if (letters.size() != site.inputs[i].size()) return std::nullopt;
    Region region = whole_region(site.inputs[i]);
    for (std::size_t axis = 0; axis < letters.size(); ++axis) {
      const auto found = of_letter.find(letters[axis]);
      const bool is_broadcast = site.inputs[i][axis] == 1;
      if (found != of_letter.end() && !is_broadcast) region[axis] = found->second;
    }
    result.inputs.emplace_back(std::move(region));
  }
  result.outputs = {needed};
  return result;
}

// W [groups*K, C, ...]. A convolution in one group makes any of its channels.
std::optional<Narrowing> narrow_conv(const NarrowSite& site) {
  const std::int64_t groups = site.node.attributes.get_int("group", 1);
  const Ranges& channels = (*site.needed[0])[1];
  const NeededGroups needed = groups == 1 ? NeededGroups{{{0, 1}}, channels}
                                          : needed_groups(channels, site.outputs[0][1] / groups);
  Region weight = whole_region(site.inputs[1]);
  weight[0] = needed.made;
  return convolution(site, needed, std::move(weight), groups == 1);
}

// W [groups*C, K, ...]
std::optional<Narrowing> narrow_conv_transpose(const NarrowSite& site) {
  const std::int64_t groups = site.node.attributes.get_int("group", 1);
  const Ranges& channels = (*site.needed[0])[1];
  Region weight = whole_region(site.inputs[1]);
  if (groups == 1) {
    weight[1] = channels;
    return convolution(site, {{{0, 1}}, channels}, std::move(weight), true);
  }
  const NeededGroups needed = needed_groups(channels, site.outputs[0][1] / groups);
  weight[0] = elements_of(needed.groups, site.inputs[1][0] / groups);
  return convolution(site, needed, std::move(weight), false);
}

// RNN, GRU and LSTM: X [T, B, I], sequence_lens [B], states [D, B, H] -> Y [T, D, B, H], [D, B, H].
std::optional<Narrowing> narrow_recurrent(const NarrowSite& site) {
  if (site.node.attributes.get_int("layout", 0) != 0) return std::nullopt;
  const auto batch_axis = [](std::size_t output) { return output == 0 ? std::size_t{2} : 1; };
  Ranges batch;
  for (std::size_t o = 0; o < site.needed.size(); ++o) {
    if (site.needed[o]) batch = unite(batch, (*site.needed[o])[batch_axis(o)]);
  }
  Narrowing result;
  for (std::size_t i = 0; i < site.inputs.size(); ++i) {
    result.inputs.emplace_back();
    if (!site.has_input(i)) continue;
    Region region = whole_region(site.inputs[i]);
    if (i == 0 || i == 5 || i == 6) region[1] = batch;
    if (i == 4) region[0] = batch;
    result.inputs[i] = std::move(region);
  }
  for (std::size_t o = 0; o < site.outputs.size(); ++o) {
    result.outputs.emplace_back();
    if (!site.needed[o]) continue;
    Region region = whole_region(site.outputs[o]);
    region[batch_axis(o)] = batch;
    result.outputs[o] = std::move(region);
  }
  return result;
}

}  // namespace braid
