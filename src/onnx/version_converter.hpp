#pragma once

#include <string>

#include "onnx/version_converter/convert.h"

namespace braid {

/// ONNX's version converter, with our adapters where its own give a wrong result without saying so.
class VersionConverter : public onnx::version_conversion::DefaultVersionConverter {
 public:
  VersionConverter();

  /// What a step from one opset to the next means for an operator of the default domain.
  enum class Step {
    Same,     ///< the operator is defined as before
    Widened,  ///< the new definition covers the old one: the node stays as it is
    Adapted,  ///< the node is rewritten
    Missing,  ///< the definition changed, and nothing is known about how
  };
  Step step(const std::string& op_type, std::int64_t from) const;

 private:
  void correct_normalizations();
  void correct_resizing();
  void correct_broadcasts();
};

}  // namespace braid
