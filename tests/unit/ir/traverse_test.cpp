#include "ir/traverse.hpp"

#include <gmock/gmock.h>

#include "braid/onnx.hpp"

namespace braid {
namespace {

TEST(TraverseTest, OuterNamesAreListedOnce) {
  const Model model = parse_model_text(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (int64 m, bool c, float[n] x, float[n] w) => (float[n] last) {
      last = Loop (m, "", x) <
        body = b (int64 i, bool go, float[n] state) => (bool go_on, float[n] next) {
          go_on = Identity(go)
          a = Add(state, w)
          next = If (c) <
            then_branch = t () => (float[n] t2) { t1 = Add(a, w) t2 = Add(t1, x) },
            else_branch = e () => (float[n] e1) { e1 = Sub(state, x) }
          >
        }
      >
    })");
  for_each_subgraph(model.graph.nodes[0], [](const GraphPtr& body) {
    EXPECT_THAT(outer_names(*body), testing::UnorderedElementsAre("c", "w", "x"));
  });
}

}  // namespace
}  // namespace braid
