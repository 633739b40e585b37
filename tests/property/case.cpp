#include "property/case.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <set>

#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "ir/rewrite.hpp"
#include "ir/traverse.hpp"
#include "property/disguise.hpp"
#include "verify/random.hpp"

namespace braid::property {
namespace {

template <class T>
void fill(Tensor& tensor, Range range, Random& random) {
  constexpr double kSteps = 4096;
  for (T& element : tensor.mutable_data<T>()) {
    const double place = static_cast<double>(random.below(4096)) / kSteps;
    const double drawn = range.low + place * (range.high - range.low);
    if constexpr (std::is_integral_v<T>) {
      element = static_cast<T>(std::floor(drawn));
    } else {
      element = static_cast<T>(static_cast<float>(drawn));
    }
  }
}

std::uint64_t stream_of(const std::string& name) {
  std::uint64_t stream = 0;
  for (const char letter : name)
    stream = mix_seed(stream, static_cast<unsigned char>(letter));
  return stream;
}

Value* find_value(Graph& graph, const std::string& name) {
  const auto found = std::ranges::find(graph.values, name, &Value::name);
  return found == graph.values.end() ? nullptr : &*found;
}

void draw_weights(const Case& test, std::size_t member, Graph& graph) {
  for (const Weight& weight : test.weights) {
    Value* value = find_value(graph, weight.name);
    if (value == nullptr) continue;
    const auto share_class = static_cast<std::uint64_t>(weight.class_of[member]);
    value->constant = draw_tensor(value->constant.dtype(), value->constant.dims(), weight.range,
                                  mix_seed(weight.seed, share_class));
  }
}

}  // namespace

Tensor draw_tensor(DType dtype, std::vector<std::int64_t> dims, Range range, std::uint64_t seed) {
  Tensor tensor = Tensor::allocate(dtype, std::move(dims));
  Random random(seed);
  switch (dtype) {
    case DType::Float32:
      fill<float>(tensor, range, random);
      break;
    case DType::Float64:
      fill<double>(tensor, range, random);
      break;
    case DType::Float16:
      fill<Eigen::half>(tensor, range, random);
      break;
    case DType::Int64:
      fill<std::int64_t>(tensor, range, random);
      break;
    case DType::Int32:
      fill<std::int32_t>(tensor, range, random);
      break;
    case DType::UInt8:
    case DType::Bool:
      fill<std::uint8_t>(tensor, range, random);
      break;
    case DType::Int8:
      fill<std::int8_t>(tensor, range, random);
      break;
    default:
      throw Error(ErrorKind::Unsupported,
                  "no values are drawn of type " + std::string(dtype_name(dtype)));
  }
  return tensor;
}

std::int64_t size_of(const Dim& dim, std::int64_t batch) {
  if (dim.is_known()) return dim.size;
  return dim.symbol == "N" ? batch : batch + 2;  // N is the batch, S the length of a sequence
}

std::vector<Tensor> draw_inputs(const Case& test, int member, std::int64_t batch) {
  std::vector<Tensor> inputs;
  for (const ValueId id : test.model.graph.inputs) {
    const Value& value = test.model.graph.value(id);
    std::vector<std::int64_t> dims;
    for (const Dim& dim : *value.type.shape)
      dims.push_back(size_of(dim, batch));
    const std::uint64_t seed = mix_seed(test.seed, stream_of(value.name));
    const int drawn = test.options.shares_inputs ? 0 : member;
    const auto stream = static_cast<std::uint64_t>(100 * batch + drawn);
    inputs.push_back(
        draw_tensor(value.type.dtype, dims, test.ranges.at(value.name), mix_seed(seed, stream)));
  }
  return inputs;
}

std::vector<CaseMember> make_members(const Case& test) {
  std::vector<CaseMember> members;
  for (int m = 0; m < test.members; ++m) {
    CaseMember& added = members.emplace_back();
    added.member.name = "m" + std::to_string(m);
    added.member.model = test.model;
    Model& model = added.member.model;
    draw_weights(test, static_cast<std::size_t>(m), model.graph);
    rename_values(model.graph, m);
    if (test.options.shares_inputs) rename_inputs(model.graph);
    for (const ValueId id : model.graph.inputs)
      added.inputs.push_back(model.graph.value(id).name);
    for (const ValueId id : model.graph.outputs)
      added.outputs.push_back(model.graph.value(id).name);
    if (m > 0) disguise(model, test.disguise, mix_seed(test.seed, static_cast<std::uint64_t>(m)));
    if (model.ir_version < 4) list_constants_as_inputs(model.graph);
  }
  return members;
}

void drop_unused(Case& test) {
  Graph& graph = test.model.graph;
  remove_dead(graph);
  std::set<ValueId> used(graph.outputs.begin(), graph.outputs.end());
  for (const Node& node : graph.nodes) {
    for (const ValueId id : read_values(graph, node))
      used.insert(id);
  }
  std::erase_if(graph.inputs, [&](ValueId id) { return !used.contains(id); });
  remove_dead(graph);
  std::erase_if(test.weights,
                [&](const Weight& weight) { return find_value(graph, weight.name) == nullptr; });
}

std::string describe(const Case& test) {
  std::string text = print_model_text(test.model) + "\n" + std::to_string(test.members) +
                     " members" + (test.options.merges_always ? ", merging always" : "") +
                     (test.options.target == Target::Cpu ? ", for cpu" : "") +
                     (test.options.shares_inputs ? ", inputs shared" : "");
  const Disguise& disguise = test.disguise;
  if (disguise.reorders_nodes) text += ", nodes reordered";
  if (disguise.reorders_inputs) text += ", inputs reordered";
  if (disguise.inserts_identities) text += ", identities inserted";
  if (disguise.uses_constant_nodes) text += ", constants as nodes";
  for (const Weight& weight : test.weights) {
    text += "\nweight " + weight.name + ": share classes";
    for (const int number : weight.class_of)
      text += " " + std::to_string(number);
  }
  return text + "\n";
}

}  // namespace braid::property
