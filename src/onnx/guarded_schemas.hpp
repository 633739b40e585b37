#pragma once

#include <map>
#include <string>

#include "onnx/defs/schema.h"

namespace braid {

/// ONNX's schemas, for inference. It makes a dim for each element of an input that may hold a
/// shape, also if all that is known of the input is that it has billions of them. With these
/// schemas such an input is refused where it is to be a shape, by an error of inference, and is
/// followed no further where it may become one.
class GuardedSchemas final : public onnx::ISchemaRegistry {
 public:
  static const GuardedSchemas& instance();

  // As the base class declares it.
  // NOLINTNEXTLINE(google-default-arguments)
  const onnx::OpSchema* GetSchema(const std::string& key, int max_inclusive_version,
                                  const std::string& domain = onnx::ONNX_DOMAIN) const override;

 private:
  GuardedSchemas();

  std::map<const onnx::OpSchema*, onnx::OpSchema> guarded_;
};

}  // namespace braid
