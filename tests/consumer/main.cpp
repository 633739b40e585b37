// Merges two models and runs the merged one, through the installed headers alone.

#include <braid/compile.hpp>
#include <braid/error.hpp>
#include <braid/merge.hpp>
#include <braid/onnx.hpp>
#include <cstdio>
#include <string>
#include <vector>

namespace {

braid::Model scaled_by(const std::string& factors) {
  return braid::parse_model_text(
      "<ir_version: 9, opset_import: [\"\" : 17]> g (float[3] x) => (float[3] y) "
      "<float[3] w = {" +
      factors + "}> { y = Mul (x, w) }");
}

}  // namespace

int main() {
  try {
    const braid::Merged merged =
        braid::merge({{"a", {}, scaled_by("1, 2, 3")}, {"b", {}, scaled_by("4, 5, 6")}});
    const braid::Executable program = braid::compile(merged.model);
    const std::vector<braid::Tensor> inputs = {braid::Tensor::of<float>({3}, {1, 1, 1}),
                                               braid::Tensor::of<float>({3}, {10, 10, 10})};
    const std::vector<braid::Tensor> outputs = program.run(inputs);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      std::printf("%s:", program.outputs()[i].name.c_str());
      for (const float value : outputs[i].data<float>())
        std::printf(" %g", value);
      std::printf("\n");
    }
    return 0;
  } catch (const braid::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return static_cast<int>(error.kind());
  }
}
