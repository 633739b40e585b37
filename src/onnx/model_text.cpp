#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "onnx/defs/parser.h"
#include "onnx/defs/printer.h"
#include "onnx/proto.hpp"

namespace braid {

Model parse_model_text(std::string_view text) {
  const std::string copy(text);
  onnx::ModelProto proto;
  onnx::OnnxParser parser(copy.c_str());
  const auto status = parser.Parse(proto);
  if (!status.IsOK()) {
    throw Error(ErrorKind::BadInput, "model text: " + status.ErrorMessage());
  }
  WeightFiles files("model text");
  return model_from_proto(proto, files);
}

std::string print_model_text(const Model& model) {
  constexpr std::int64_t kLongest = 32;
  const auto is_short = [](const Tensor& tensor) { return tensor.size() <= kLongest; };
  return onnx::ProtoToString(model_to_proto(model, is_short));
}

}  // namespace braid
