#include "onnx/guarded_schemas.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "onnx/defs/shape_inference.h"

namespace braid {
namespace {

// No tensor has so many dims.
constexpr std::int64_t kMostDims = 4096;

// An input that holds a shape, in all versions of the operator.
struct ShapeInput {
  std::string_view op_type;
  std::size_t index;
};

constexpr auto kShapeInputs = std::to_array<ShapeInput>({{"AffineGrid", 1},
                                                         {"CenterCropPad", 1},
                                                         {"ConstantOfShape", 0},
                                                         {"Expand", 1},
                                                         {"Reshape", 1},
                                                         {"Resize", 3}});

template <class Context>
bool is_endless(const Context& context, std::size_t index) {
  const onnx::TypeProto* type =
      index < context.getNumInputs() ? context.getInputType(index) : nullptr;
  if (type == nullptr || !type->tensor_type().has_shape()) return false;
  const onnx::TensorShapeProto& shape = type->tensor_type().shape();
  return shape.dim_size() == 1 && shape.dim(0).dim_value() > kMostDims;
}

void guard_shape(std::size_t index, onnx::OpSchema& schema) {
  schema.TypeAndShapeInferenceFunction(
      [index, infer = schema.GetTypeAndShapeInferenceFunction()](onnx::InferenceContext& context) {
        if (is_endless(context, index))
          fail_shape_inference("input ", index, " has more than ", kMostDims, " dims of a shape");
        infer(context);
      });
}

void guard_propagation(onnx::OpSchema& schema) {
  schema.PartialDataPropagationFunction(
      [follow = schema.GetDataPropagationFunction()](onnx::DataPropagationContext& context) {
        for (std::size_t i = 0; i < context.getNumInputs(); ++i) {
          if (is_endless(context, i)) return;
        }
        follow(context);
      });
}

}  // namespace

GuardedSchemas::GuardedSchemas() {
  for (onnx::OpSchema schema : onnx::OpSchemaRegistry::get_all_schemas_with_history()) {
    if (!schema.domain().empty()) continue;
    const auto shape = std::ranges::find(kShapeInputs, schema.Name(), &ShapeInput::op_type);
    if (shape == kShapeInputs.end() && !schema.has_data_propagation_function()) continue;
    if (shape != kShapeInputs.end()) guard_shape(shape->index, schema);
    if (schema.has_data_propagation_function()) guard_propagation(schema);
    const onnx::OpSchema* const original =
        onnx::OpSchemaRegistry::Schema(schema.Name(), schema.SinceVersion(), schema.domain());
    guarded_.emplace(original, std::move(schema));
  }
}

const GuardedSchemas& GuardedSchemas::instance() {
  static const GuardedSchemas schemas;
  return schemas;
}

// NOLINTNEXTLINE(google-default-arguments)
const onnx::OpSchema* GuardedSchemas::GetSchema(const std::string& key, int max_inclusive_version,
                                                const std::string& domain) const {
  const onnx::OpSchema* schema = onnx::OpSchemaRegistry::Schema(key, max_inclusive_version, domain);
  const auto found = guarded_.find(schema);
  return found == guarded_.end() ? schema : &found->second;
}

}  // namespace braid
