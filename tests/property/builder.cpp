#include "property/builder.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "braid/error.hpp"
#include "braid/kernel.hpp"
#include "braid/schema.hpp"
#include "kernels/reference/kernels.hpp"
#include "property/type_check.hpp"

namespace braid::property {
namespace {

constexpr std::int64_t kMostElements = 2000;
constexpr double kLargest = 40;  // values stay below, so that errors do too

template <class T>
bool is_sound(const Tensor& tensor) {
  return std::ranges::all_of(tensor.data<T>(), [](T x) {
    return std::abs(static_cast<double>(x)) <= kLargest;  // false for NaN
  });
}

bool is_sound(const Tensor& tensor) {
  if (tensor.size() > kMostElements) return false;
  switch (tensor.dtype()) {
    case DType::Float32:
      return is_sound<float>(tensor);
    case DType::Float64:
      return is_sound<double>(tensor);
    case DType::Float16:
      return is_sound<Eigen::half>(tensor);
    default:
      return true;
  }
}

Range range_of(const Tensor& tensor) {
  if (tensor.size() == 0 || tensor.dtype() == DType::Bool) return {0, 2};
  if (!is_integer(tensor.dtype())) return {-2, 2};
  if (tensor.dtype() != DType::Int64) return {0, 3};
  const auto [low, high] = std::ranges::minmax(tensor.data<std::int64_t>());
  return {static_cast<double>(low), static_cast<double>(high) + 1};
}

// Samples are contiguous and own their storage, as kernels ask for.
Tensor operand(const Tensor& tensor) {
  return tensor ? tensor.materialised() : Tensor();
}

}  // namespace

Attributes attributes(std::initializer_list<std::pair<std::string, AttributeValue>> items) {
  Attributes result;
  for (const auto& [name, value] : items)
    result.set(name, value);
  return result;
}

ValueId Builder::pick(const Test& passes) {
  std::vector<ValueId> found;
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    const auto id = static_cast<ValueId>(i);
    if (!graph().value(id).is_constant() && passes(id)) found.push_back(id);
  }
  if (found.empty()) throw Rejected{};
  const auto recent = std::min<std::size_t>(found.size(), 3);
  if (chance(60))
    return found[found.size() - 1 - static_cast<std::size_t>(below(static_cast<int>(recent)))];
  return one_of(found);
}

ValueId Builder::pick_float(int least_rank, int most_rank) {
  return pick(
      [&](ValueId id) { return is_float(id) && rank(id) >= least_rank && rank(id) <= most_rank; });
}

ValueId Builder::pick_of(DType wanted) {
  return pick([&](ValueId id) { return dtype(id) == wanted; });
}

ValueId Builder::or_constant(ValueId id, int percent) {
  if (!chance(percent)) return id;
  Ints sizes = dims(id);
  for (int axis = 0; axis < rank(id); ++axis) {
    if (!is_fixed(id, axis)) sizes[static_cast<std::size_t>(axis)] = 1;
  }
  return constant(draw_tensor(dtype(id), sizes, range_of(sample(id)), random_.next()));
}

bool Builder::is_fixed(ValueId id, int axis) const {
  return std::ranges::all_of(samples_[static_cast<std::size_t>(id)], [&](const Tensor& other) {
    return other.dim(axis) == sample(id).dim(axis);
  });
}

bool Builder::are_fixed(ValueId id, int first, int last) const {
  for (int axis = first; axis < last; ++axis) {
    if (!is_fixed(id, axis)) return false;
  }
  return true;
}

Dim Builder::dim(ValueId id, int axis) const {
  const Type& type = graph().value(id).type;
  return (*type.shape)[static_cast<std::size_t>(axis)];
}

std::optional<Range> Builder::bounds(ValueId id) const {
  const auto found = bounds_.find(id);
  if (found == bounds_.end()) return std::nullopt;
  return found->second;
}

Dim Builder::dim_of(const Samples& samples, int axis) {
  for (const Dim& dim : {Dim::known(samples[0].dim(axis)), Dim::named("N"), Dim::named("S")}) {
    std::int64_t batch = 0;
    if (std::ranges::all_of(samples, [&](const Tensor& tensor) {
          return tensor.dim(axis) == size_of(dim, ++batch);
        })) {
      return dim;
    }
  }
  return {};
}

Type Builder::type_of(const Samples& samples) {
  Shape shape;
  for (int axis = 0; axis < samples[0].rank(); ++axis)
    shape.push_back(dim_of(samples, axis));
  return Type::tensor(samples[0].dtype(), std::move(shape));
}

ValueId Builder::add(Samples samples) {
  Graph& graph = test_.model.graph;
  const ValueId id = graph.add_value("v" + std::to_string(graph.values.size()), type_of(samples));
  test_.ranges[graph.value(id).name] = range_of(samples[0]);
  samples_.push_back(std::move(samples));
  return id;
}

ValueId Builder::input(DType dtype, Shape shape, Range range) {
  Samples samples;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    Ints sizes;
    for (const Dim& dim : shape)
      sizes.push_back(size_of(dim, static_cast<std::int64_t>(i) + 1));
    samples[i] = draw_tensor(dtype, sizes, range, random_.next());
  }
  const ValueId id = add(std::move(samples));
  Value& value = test_.model.graph.value(id);
  value.type = Type::tensor(dtype, std::move(shape));
  test_.ranges[value.name] = range;
  if (is_integer(dtype)) set_bounds(id, range);
  test_.model.graph.inputs.push_back(id);
  return id;
}

ValueId Builder::weight(Ints sizes, Range range, DType dtype) {
  if (chance(15)) {
    for (const Weight& weight : test_.weights) {
      const auto found = std::ranges::find(graph().values, weight.name, &Value::name);
      const bool fits = weight.range.low == range.low && weight.range.high == range.high &&
                        found->constant.dtype() == dtype && found->constant.dims() == sizes;
      if (fits) return static_cast<ValueId>(found - graph().values.begin());
    }
  }
  const std::uint64_t seed = random_.next();
  const ValueId id = constant(draw_tensor(dtype, std::move(sizes), range, mix_seed(seed, 0)));
  test_.weights.push_back({graph().value(id).name, range, seed, {}});
  return id;
}

ValueId Builder::constant(Tensor tensor) {
  const ValueId id = add({tensor, tensor, tensor});
  test_.model.graph.value(id).constant = std::move(tensor);
  return id;
}

ValueId Builder::ints(const Ints& values) {
  return constant(Tensor::of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values));
}

ValueId Builder::scalar(double value, DType dtype) {
  return constant(draw_tensor(dtype, {}, {value, value}, 0));
}

Builder::Ints Builder::broadcast_dims(ValueId of) {
  const int kept = chance(60) ? rank(of) : between(0, rank(of));
  Ints sizes;
  for (int axis = rank(of) - kept; axis < rank(of); ++axis)
    sizes.push_back(is_fixed(of, axis) && chance(70) ? dims(of)[static_cast<std::size_t>(axis)]
                                                     : 1);
  if (chance(6)) sizes.insert(sizes.begin(), kept == rank(of) ? between(1, 2) : 1);
  return sizes;
}

std::vector<Builder::Samples> Builder::compute(const Node& node) const {
  const KernelFunction kernel = reference::find_kernel(node.domain, node.op_type);
  if (kernel == nullptr || !has_schema(node.domain, node.op_type, opset())) throw Rejected{};
  std::vector<Samples> results(node.outputs.size());
  for (std::size_t k = 0; k < kLargestBatch; ++k) {
    std::vector<Tensor> inputs;
    for (const ValueId id : node.inputs)
      inputs.push_back(id == kAbsent ? Tensor()
                                     : operand(samples_[static_cast<std::size_t>(id)][k]));
    std::vector<Tensor> outputs(node.outputs.size());
    KernelCall call(node.op_type, opset(), node.attributes, inputs, outputs);
    try {
      kernel(call);
    } catch (const Error&) {
      throw Rejected{};
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (!outputs[i] || !is_sound(outputs[i])) throw Rejected{};
      results[i][k] = outputs[i].materialised();
    }
  }
  return results;
}

// Some dim is 0 at one batch size and not at another.
bool Builder::vanishes(const Samples& samples) {
  for (int axis = 0; axis < samples[0].rank(); ++axis) {
    const bool is_fixed = dim_of(samples, axis).is_known();
    for (const Tensor& tensor : samples) {
      if (tensor.dim(axis) == 0 && !is_fixed) return true;
    }
  }
  return false;
}

// A model of this one node, to be judged by ONNX's own checker.
void Builder::check(const Node& node, const std::vector<Samples>& results) const {
  Model model;
  model.ir_version = std::max<std::int64_t>(4, test_.model.ir_version);
  model.opsets = test_.model.opsets;
  model.graph.name = "node";
  Node copy = node;
  std::map<ValueId, ValueId> copies;
  for (ValueId& id : copy.inputs) {
    if (id == kAbsent) continue;
    const Value& value = graph().value(id);
    const auto [known, is_new] = copies.try_emplace(id, kAbsent);
    if (is_new && value.is_constant()) {
      known->second = model.graph.add_constant(value.name, value.constant);
    } else if (is_new) {
      known->second = model.graph.add_value(value.name, value.type);
      model.graph.inputs.push_back(known->second);
    }
    id = known->second;
  }
  for (std::size_t i = 0; i < copy.outputs.size(); ++i) {
    copy.outputs[i] = model.graph.add_value("result" + std::to_string(i), type_of(results[i]));
    model.graph.outputs.push_back(copy.outputs[i]);
  }
  model.graph.nodes.push_back(std::move(copy));
  try {
    check_types(model);
  } catch (const Error&) {
    throw Rejected{};
  }
}

std::vector<ValueId> Builder::nodes(const std::string& op, std::vector<ValueId> inputs,
                                    Attributes attributes, int outputs) {
  Node node;
  node.op_type = op;
  while (!inputs.empty() && inputs.back() == kAbsent)
    inputs.pop_back();
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  node.outputs.resize(static_cast<std::size_t>(outputs), kAbsent);
  std::vector<Samples> results = compute(node);
  for (const Samples& samples : results) {
    const bool has_rank = std::ranges::all_of(
        samples, [&](const Tensor& other) { return other.rank() == samples[0].rank(); });
    if (!has_rank || vanishes(samples)) throw Rejected{};
  }
  check(node, results);
  for (std::size_t i = 0; i < results.size(); ++i)
    node.outputs[i] = add(std::move(results[i]));
  test_.model.graph.nodes.push_back(node);
  return node.outputs;
}

bool Builder::attempt(const std::function<void(Builder&)>& draw) {
  Graph& graph = test_.model.graph;
  const std::size_t values = graph.values.size();
  const std::size_t nodes = graph.nodes.size();
  const std::size_t inputs = graph.inputs.size();
  const std::size_t weights = test_.weights.size();
  try {
    draw(*this);
    return true;
  } catch (const Rejected&) {
    for (std::size_t i = values; i < graph.values.size(); ++i) {
      test_.ranges.erase(graph.values[i].name);
      bounds_.erase(static_cast<ValueId>(i));
    }
    graph.values.resize(values);
    graph.nodes.resize(nodes);
    graph.inputs.resize(inputs);
    test_.weights.resize(weights);
    samples_.resize(values);
    return false;
  }
}

}  // namespace braid::property
