#include <gmock/gmock.h>

#include "backends/cpu/cpu_backend.hpp"
#include "backends/cuda/cuda_backend.hpp"
#include "backends/cuda/emulated_gpu.hpp"
#include "braid/onnx.hpp"
#include "ir/rewrite.hpp"
#include "plan/fuse/fuse.hpp"
#include "plan/operator.hpp"
#include "plan/specialise_shapes.hpp"

namespace braid {
namespace {

class FuseMemberScalesTest : public testing::Test {
 protected:
  // The operators that are left, those of ai.braid with a star.
  std::vector<std::string> fused(const std::string& body, const Backend& backend) const {
    Model model = parse_model_text(
        "<ir_version: 8, opset_import: [\"\" : 17]> g (float[2,3,4] x) => (float[2,3,4] y) "
        "<float[4] ones = {1, 1, 1, 1}, float[4] twos = {2, 2, 2, 2},"
        " float[2,1,4] s = {1, 2, 3, 4, 5, 6, 7, 8}, float[2,1,4] b = {1, 2, 3, 4, 5, 6, 7, 8},"
        " float[3,4] r = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}> {" +
        body + "}");
    specialise_shapes(model, std::vector<Datum>{Tensor::allocate(DType::Float32, {2, 3, 4})});
    fuse_member_scales(model, backend);
    std::vector<std::string> operators;
    for (const Node& node : model.graph.nodes)
      operators.push_back(node.op_type + (node.domain == kFusedDomain ? "*" : ""));
    return operators;
  }

  EmulatedGpu gpu_{{.name = "emulated"}};
  std::unique_ptr<const Backend> cuda_ = make_cuda_backend("emulated", gpu_);
};

TEST_F(FuseMemberScalesTest, TakesScaleAndBias) {
  const std::string body = "n = LayerNormalization(x, ones) m = Mul(n, s) y = Add(b, m)";
  EXPECT_THAT(fused(body, *cuda_), testing::ElementsAre("LayerNormalization*"));
  EXPECT_THAT(fused(body, cpu_backend()), testing::ElementsAre("LayerNormalization", "Mul", "Add"));
}

TEST_F(FuseMemberScalesTest, TakesAScaleAlone) {
  EXPECT_THAT(fused("n = LayerNormalization(x, ones) y = Mul(s, n)", *cuda_),
              testing::ElementsAre("LayerNormalization*"));
  EXPECT_THAT(fused("n = LayerNormalization(x, ones) m = Mul(n, s) y = Add(m, r)", *cuda_),
              testing::ElementsAre("LayerNormalization*", "Add"));
}

TEST_F(FuseMemberScalesTest, LeavesOthers) {
  for (const char* body : {"n = LayerNormalization(x, twos) y = Mul(n, s)",
                           "n = LayerNormalization(x, ones) m = Mul(n, s) y = Add(m, n)",
                           "n = LayerNormalization(x, ones) y = Mul(n, r)"}) {
    EXPECT_THAT(fused(body, *cuda_), testing::Contains("LayerNormalization")) << body;
  }
}

}  // namespace
}  // namespace braid
