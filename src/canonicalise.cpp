#include "braid/canonicalise.hpp"

#include "onnx/inline_functions.hpp"
#include "passes/evaluate.hpp"

namespace braid {

void canonicalise(Model& model) {
  inline_functions(model);
  run_canonical_pipeline(model, evaluate);
}

}  // namespace braid
