#include "verify/index_bounds.hpp"

#include <gtest/gtest.h>

#include "braid/onnx.hpp"

namespace braid {
namespace {

// The bound of the first input.
std::int64_t bound_of(const std::string& graph) {
  Model model = parse_model_text("<ir_version: 8, opset_import: [\"\" : 17]> g " + graph);
  infer_types(model);
  return index_bounds(model.graph)[static_cast<std::size_t>(model.graph.inputs[0])];
}

TEST(IndexBoundsTest, FindsTheRowsOfATable) {
  EXPECT_EQ(bound_of("(int64[n] i, float[30, 4] t) => (float[n, 4] y) { y = Gather(t, i) }"), 30);
  EXPECT_EQ(bound_of("(int64[n] i, float[30, 4] t) => (float[30, n] y) "
                     "{ y = Gather <axis = -1> (t, i) }"),
            4);
}

TEST(IndexBoundsTest, LooksThroughDataMovement) {
  EXPECT_EQ(bound_of("(int32[2, n] i, float[30, 4] t) => (float[m, 4] y) "
                     "<int64[1] one = {-1}, int64[1] zero = {0}> {"
                     "  a = Cast <to = 7> (i)  b = Transpose(a)  c = Reshape(b, one)"
                     "  d = Unsqueeze(c, zero)  e = Concat <axis = 0> (d, d)  f = Squeeze(e)"
                     "  y = Gather(t, f) }"),
            30);
}

TEST(IndexBoundsTest, TakesTheLeastOfSeveralReaders) {
  EXPECT_EQ(bound_of("(int64[n] i, float[30, 4] t, float[9, 4] u) => (float[n, 4] y, float[n, 4] z)"
                     "{ y = Gather(t, i) z = Gather(u, i) }"),
            9);
}

TEST(IndexBoundsTest, KnowsTheOtherIndexedOperators) {
  EXPECT_EQ(
      bound_of("(int64[n, 2] i, float[30, 4, 2] t) => (float[n, 2] y) { y = GatherND(t, i) }"), 4);
  EXPECT_EQ(bound_of("(int64[30, 4] i, float[30, 4] t) => (float[30, 4] y) "
                     "{ y = GatherElements <axis = 1> (t, i) }"),
            4);
  EXPECT_EQ(bound_of("(int64[n] i) => (float[n, 5] y) <int64 depth = {5}, float[2] v = {0, 1}> "
                     "{ y = OneHot(i, depth, v) }"),
            5);
}

TEST(IndexBoundsTest, DoesNotLookThroughArithmetic) {
  EXPECT_EQ(bound_of("(int64[n] i, float[30, 4] t) => (float[n, 4] y) "
                     "{ a = Add(i, i) y = Gather(t, a) }"),
            kNoBound);
}

}  // namespace
}  // namespace braid
