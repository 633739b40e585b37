#include "braid/schema.hpp"

#include "onnx/defs/schema.h"
#include "onnx/proto.hpp"

namespace braid {
namespace {

const onnx::OpSchema* find(std::string_view domain, std::string_view op_type, std::int64_t opset) {
  return onnx::OpSchemaRegistry::Schema(std::string(op_type), static_cast<int>(opset),
                                        std::string(domain));
}

}  // namespace

std::optional<AttributeValue> schema_default(std::string_view domain, std::string_view op_type,
                                             std::int64_t opset, std::string_view attribute) {
  const onnx::OpSchema* schema = find(domain, op_type, opset);
  if (schema == nullptr) return std::nullopt;
  const auto found = schema->attributes().find(std::string(attribute));
  if (found == schema->attributes().end()) return std::nullopt;
  const onnx::AttributeProto& value = found->second.default_value;
  switch (value.type()) {
    case onnx::AttributeProto::INT:
      return static_cast<std::int64_t>(value.i());
    case onnx::AttributeProto::FLOAT:
      return value.f();
    case onnx::AttributeProto::STRING:
      return value.s();
    default:
      return std::nullopt;
  }
}

std::optional<std::int64_t> schema_version(std::string_view domain, std::string_view op_type,
                                           std::int64_t opset) {
  const onnx::OpSchema* schema = find(domain, op_type, opset);
  if (schema == nullptr || schema->Deprecated()) return std::nullopt;
  return schema->since_version();
}

bool has_schema(std::string_view domain, std::string_view op_type, std::int64_t opset) {
  return find(domain, op_type, opset) != nullptr;
}

}  // namespace braid
