#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "braid/attribute.hpp"

namespace braid {

/// Default value of an operator's attribute as its ONNX schema states it; empty if the schema
/// states none or is unknown.
std::optional<AttributeValue> schema_default(std::string_view domain, std::string_view op_type,
                                             std::int64_t opset, std::string_view attribute);

/// Version of the operator set in which the operator got the definition that holds at `opset`;
/// empty if the ONNX library knows none, or if the operator is deprecated by then.
std::optional<std::int64_t> schema_version(std::string_view domain, std::string_view op_type,
                                           std::int64_t opset);

/// True if the ONNX library has a schema of this operator.
bool has_schema(std::string_view domain, std::string_view op_type, std::int64_t opset);

}  // namespace braid
