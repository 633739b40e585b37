#include <algorithm>
#include <numeric>

#include "tests/unit/backends/properties/cases.hpp"

namespace braid::properties {
namespace {

using reference::list;
using reference::scalar;
using testing_support::Call;

Tensor any_tensor(Random& random, std::int64_t least_rank, std::int64_t most_rank,
                  bool may_be_empty = true) {
  return random.tensor(random.dims(least_rank, most_rank, may_be_empty), random.one_of(kTypes),
                       0.0);
}

Sample make_concat(Random& random) {
  const Dims dims = random.dims(1, 4, true);
  const DType dtype = random.one_of(kTypes);
  const std::int64_t axis = any_axis(random, dims);
  const auto at =
      static_cast<std::size_t>(axis < 0 ? axis + static_cast<std::int64_t>(dims.size()) : axis);
  std::vector<Tensor> inputs;
  for (std::int64_t left = random.number(1, 4); left > 0; --left) {
    Dims part = dims;
    part[at] = random.size(true);
    inputs.push_back(random.tensor(part, dtype, 0.0));
  }
  return {{.op = "Concat", .inputs = inputs, .attributes = attrs({{"axis", axis}})}};
}

Sample make_constant_of_shape(Random& random) {
  const Tensor value = random.tensor({1}, random.one_of(kTypes), 0.0);
  return {{.op = "ConstantOfShape",
           .inputs = {list(random.dims(1, 4, true))},
           .attributes = attrs({{"value", value}}),
           .constants = {0}}};
}

Generator blocks_of(const std::string& op, bool is_depth_first) {
  return [=](Random& random) {
    const std::int64_t block = random.number(1, 3);
    const std::int64_t square = block * block;
    const Dims dims =
        is_depth_first
            ? Dims{random.size(), random.number(1, 3) * square, random.size(), random.size()}
            : Dims{random.size(), random.size(), random.number(1, 3) * block,
                   random.number(1, 3) * block};
    Call call{.op = op,
              .inputs = {random.tensor(dims, random.one_of(kTypes), 0.0)},
              .attributes = attrs({{"blocksize", block}})};
    if (is_depth_first) call.attributes.set("mode", random.one_of<std::string>({"DCR", "CRD"}));
    return Sample{call};
  };
}

Sample make_expand(Random& random) {
  const Dims to = random.dims(1, 4, true);
  return {{.op = "Expand",
           .inputs = {random.tensor(random.broadcast(to), random.one_of(kTypes), 0.0), list(to)},
           .constants = {1}}};
}

Sample make_eye_like(Random& random) {
  return {{.op = "EyeLike",
           .inputs = {random.tensor(random.dims(2, 2), random.one_of(kNumbers))},
           .attributes = attrs({{"k", random.number(-4, 4)}})}};
}

Sample make_gather(Random& random) {
  const Tensor data = any_tensor(random, 1, 4, false);
  const std::int64_t axis = any_axis(random, data.dims());
  const std::int64_t dim =
      data.dims()[static_cast<std::size_t>(axis < 0 ? axis + data.rank() : axis)];
  const DType type = random.one_of<DType>({DType::Int64, DType::Int32});
  return {{.op = "Gather",
           .inputs = {data, random.indices(random.dims(0, 2), dim, type)},
           .attributes = attrs({{"axis", axis}})}};
}

Sample make_gather_elements(Random& random) {
  const Tensor data = any_tensor(random, 1, 3, false);
  const std::int64_t axis = any_axis(random, data.dims());
  const auto at = static_cast<std::size_t>(axis < 0 ? axis + data.rank() : axis);
  Dims dims = data.dims();
  dims[at] = random.size();
  return {{.op = "GatherElements",
           .inputs = {data, random.indices(dims, data.dims()[at])},
           .attributes = attrs({{"axis", axis}})}};
}

// Tuples that name elements or blocks of the data, of its first `length` dims.
Tensor tuples(Random& random, const Dims& data, Dims dims, std::int64_t length) {
  const auto count = static_cast<std::size_t>(reference::product(dims));
  dims.push_back(length);
  std::vector<std::int64_t> values;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::int64_t d = 0; d < length; ++d)
      values.push_back(random.number(0, data[static_cast<std::size_t>(d)] - 1));
  }
  return reference::ints(dims, values);
}

Sample make_gather_nd(Random& random) {
  const Tensor data = any_tensor(random, 1, 4, false);
  const std::int64_t length = random.number(1, data.rank());
  return {
      {.op = "GatherND", .inputs = {data, tuples(random, data.dims(), random.dims(1, 2), length)}}};
}

// Each place once: which of several values stays is not defined.
Sample make_scatter_elements(Random& random) {
  const Tensor data = any_tensor(random, 1, 1, false);
  std::vector<std::int64_t> places(static_cast<std::size_t>(data.size()));
  std::iota(places.begin(), places.end(), 0);
  std::reverse(places.begin(), places.end());
  places.resize(static_cast<std::size_t>(random.number(1, data.size())));
  return {
      {.op = "ScatterElements",
       .inputs = {data, list(places),
                  random.tensor({static_cast<std::int64_t>(places.size())}, data.dtype(), 0.0)}}};
}

Sample make_scatter_nd(Random& random) {
  const Tensor data = any_tensor(random, 1, 3, false);
  const std::int64_t row = random.number(0, data.dims()[0] - 1);
  Dims updates = data.dims();
  updates[0] = 1;
  return {{.op = "ScatterND",
           .inputs = {data, reference::ints({1, 1}, {row}),
                      random.tensor(updates, data.dtype(), 0.0)}}};
}

Sample make_one_hot(Random& random) {
  const std::int64_t depth = random.size();
  const Dims dims = random.dims(1, 3);
  return {
      {.op = "OneHot",
       .inputs = {random.indices(dims, depth), scalar(depth),
                  random.tensor({2}, random.one_of(kTypes), 0.0)},
       .attributes = attrs({{"axis", random.number(-1, static_cast<std::int64_t>(dims.size()))}}),
       .constants = {1}}};
}

Sample make_pad(Random& random) {
  const Tensor data = any_tensor(random, 1, 4, false);
  const auto mode = random.one_of<std::string>({"constant", "constant", "edge", "reflect", "wrap"});
  std::vector<std::int64_t> pads;
  for (int side = 0; side < 2; ++side) {
    for (const std::int64_t dim : data.dims())
      pads.push_back(random.number(0, mode == "constant" ? 3 : std::min<std::int64_t>(3, dim - 1)));
  }
  Call call{.op = "Pad",
            .inputs = {data, list(pads)},
            .attributes = attrs({{"mode", mode}}),
            .constants = {1}};
  if (mode == "constant" && random.chance())
    call.inputs.push_back(random.tensor({}, data.dtype(), 0.0));
  return {call};
}

Generator resize_of(const std::string& op) {
  return [=](Random& random) {
    const bool is_linear = random.chance();
    const DType dtype = random.one_of(is_linear ? kFloats : kNumbers);
    const Dims dims = {random.number(1, 2), random.number(1, 3), random.number(1, 9),
                       random.number(1, 9)};
    std::vector<float> scales = {1, 1};
    for (int i = 0; i < 2; ++i)
      scales.push_back(static_cast<float>(random.number(op == "Upsample" ? 2 : 1, 6)) / 2.0F);
    const Tensor sizes = Tensor::of<float>({4}, scales);
    const Attributes mode = attrs({{"mode", is_linear ? "linear" : "nearest"}});
    Call call{.op = op,
              .inputs = {random.tensor(dims, dtype), Tensor(), sizes},
              .attributes = mode,
              .constants = {1, 2}};
    if (op == "Upsample") {
      call.inputs.erase(call.inputs.begin() + 1);
      call.opset = 9;
    } else {
      call.attributes.set(
          "coordinate_transformation_mode",
          random.one_of<std::string>({"half_pixel", "asymmetric", "pytorch_half_pixel"}));
    }
    return Sample{call, is_linear ? tolerance_of(dtype) : 0.0};
  };
}

Sample make_reverse_sequence(Random& random) {
  const bool is_batch_first = random.chance();
  const Dims dims = random.dims(2, 4);
  const std::int64_t batch = dims[is_batch_first ? 0 : 1];
  const std::int64_t times = dims[is_batch_first ? 1 : 0];
  std::vector<std::int64_t> lengths;
  for (std::int64_t b = 0; b < batch; ++b)
    lengths.push_back(random.number(1, times));
  const std::int64_t axis = is_batch_first ? 0 : 1;
  return {{.op = "ReverseSequence",
           .inputs = {random.tensor(dims, random.one_of(kTypes), 0.0), list(lengths)},
           .attributes = attrs({{"batch_axis", axis}, {"time_axis", 1 - axis}})}};
}

Sample make_slice(Random& random) {
  const Tensor data = any_tensor(random, 1, 4);
  std::vector<std::int64_t> starts, ends, axes, steps;
  for (std::int64_t axis = 0; axis < data.rank(); ++axis) {
    if (random.chance(0.3)) continue;
    axes.push_back(random.chance() ? axis : axis - data.rank());
    starts.push_back(random.number(-40, 40));
    ends.push_back(random.number(-40, 40));
    steps.push_back(random.one_of<std::int64_t>({-3, -1, 1, 1, 2}));
  }
  return {{.op = "Slice",
           .inputs = {data, list(starts), list(ends), list(axes), list(steps)},
           .constants = {1, 2, 3, 4}}};
}

Sample make_split(Random& random) {
  Dims dims = random.dims(1, 4, true);
  const std::int64_t axis = any_axis(random, dims);
  const auto at =
      static_cast<std::size_t>(axis < 0 ? axis + static_cast<std::int64_t>(dims.size()) : axis);
  const std::vector<std::int64_t> parts = {random.size(), random.size(true), random.size()};
  dims[at] = std::accumulate(parts.begin(), parts.end(), std::int64_t{0});
  return {{.op = "Split",
           .inputs = {random.tensor(dims, random.one_of(kTypes), 0.0), list(parts)},
           .attributes = attrs({{"axis", axis}}),
           .constants = {1},
           .outputs = 3}};
}

Sample make_tile(Random& random) {
  const Tensor data = any_tensor(random, 1, 4);
  std::vector<std::int64_t> repeats;
  for (std::int64_t left = data.rank(); left > 0; --left)
    repeats.push_back(random.number(random.chance(0.1) ? 0 : 1, 3));
  return {{.op = "Tile", .inputs = {data, list(repeats)}, .constants = {1}}};
}

Sample make_transpose(Random& random) {
  const Tensor data = any_tensor(random, 1, 5);
  std::vector<std::int64_t> perm(static_cast<std::size_t>(data.rank()));
  std::iota(perm.begin(), perm.end(), 0);
  for (std::size_t i = perm.size(); i > 1; --i)
    std::swap(perm[i - 1],
              perm[static_cast<std::size_t>(random.number(0, static_cast<std::int64_t>(i) - 1))]);
  return {{.op = "Transpose", .inputs = {data}, .attributes = attrs({{"perm", perm}})}};
}

// The same elements in other dims.
Generator same_of(const std::string& op) {
  return [=](Random& random) {
    const Tensor data = any_tensor(random, 1, 4, false);
    Call call{.op = op, .inputs = {data}};
    if (op == "Reshape") call.inputs.push_back(list({-1}));
    if (op == "Unsqueeze") call.inputs.push_back(list({0}));
    if (op == "Squeeze") {
      Dims dims = data.dims();
      dims.insert(dims.begin(), 1);
      call.inputs = {data.reshaped(dims), list({0})};
    }
    if (call.inputs.size() > 1) call.constants = {1};
    return Sample{call};
  };
}

Sample make_trilu(Random& random) {
  return {{.op = "Trilu",
           .inputs = {any_tensor(random, 2, 4, false), scalar(random.number(-20, 20))},
           .attributes = attrs({{"upper", random.number(0, 1)}}),
           .constants = {1}}};
}

}  // namespace

void add_movement_cases(Cases& cases) {
  cases[{"", "Concat"}] = make_concat;
  cases[{"", "ConstantOfShape"}] = make_constant_of_shape;
  cases[{"", "DepthToSpace"}] = blocks_of("DepthToSpace", true);
  cases[{"", "SpaceToDepth"}] = blocks_of("SpaceToDepth", false);
  cases[{"", "Expand"}] = make_expand;
  cases[{"", "EyeLike"}] = make_eye_like;
  cases[{"", "Gather"}] = make_gather;
  cases[{"", "GatherElements"}] = make_gather_elements;
  cases[{"", "GatherND"}] = make_gather_nd;
  cases[{"", "ScatterElements"}] = make_scatter_elements;
  cases[{"", "ScatterND"}] = make_scatter_nd;
  cases[{"", "OneHot"}] = make_one_hot;
  cases[{"", "Pad"}] = make_pad;
  cases[{"", "Resize"}] = resize_of("Resize");
  cases[{"", "Upsample"}] = resize_of("Upsample");
  cases[{"", "ReverseSequence"}] = make_reverse_sequence;
  cases[{"", "Slice"}] = make_slice;
  cases[{"", "Split"}] = make_split;
  cases[{"", "Tile"}] = make_tile;
  cases[{"", "Transpose"}] = make_transpose;
  cases[{"", "Trilu"}] = make_trilu;
  for (const char* op : {"Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze"})
    cases[{"", op}] = same_of(op);
}

}  // namespace braid::properties
