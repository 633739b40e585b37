#include "braid/compile.hpp"

#include "backends/select_backend.hpp"
#include "onnx/inline_functions.hpp"
#include "plan/lower_graph.hpp"

namespace braid {

Program compile(const Model& model, const CompileOptions& options) {
  const Backend& backend = select_backend(options.device);
  const KernelFinder find_kernel = [&](const KernelQuery& query) {
    return backend.find_kernel(query);
  };
  if (model.functions.empty()) return Program(lower_graph(model, find_kernel, backend.name()));
  Model inlined = model;
  inline_functions(inlined);
  return Program(lower_graph(inlined, find_kernel, backend.name()));
}

}  // namespace braid
