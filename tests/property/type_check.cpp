#include "property/type_check.hpp"

#include "braid/error.hpp"
#include "onnx/checker.h"
#include "onnx/proto.hpp"
#include "onnx/shape_inference/implementation.h"

namespace braid::property {

void check_types(const Model& model) {
  onnx::ModelProto proto = model_to_proto(model, [](const Tensor&) { return true; });
  constexpr bool kChecksTypes = true;
  constexpr int kStrict = 1;
  constexpr bool kPropagatesData = true;
  try {
    onnx::checker::check_model(proto);
    onnx::shape_inference::InferShapes(
        proto, onnx::OpSchemaRegistry::Instance(),
        onnx::ShapeInferenceOptions(kChecksTypes, kStrict, kPropagatesData));
  } catch (const std::exception& error) {
    throw Error(ErrorKind::BadInput, error.what());
  }
}

}  // namespace braid::property
