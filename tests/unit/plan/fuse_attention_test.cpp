#include <limits>

#include "braid/compile.hpp"
#include "braid/onnx.hpp"
#include "tests/unit/kernels/call_kernel.hpp"

namespace braid {
namespace {

using reference::Dims;
using reference::noise;
using reference::tensor;

// Sums of some hundred products of numbers below 3.
constexpr double kTolerance = 2e-5;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Model model_of(const std::string& graph) {
  return parse_model_text("<ir_version: 10, opset_import: [\"\" : 22]>\n" + graph);
}

std::size_t count_kernels(const Model& model, const std::vector<Tensor>& inputs,
                          const std::string& kernel, Device device = Device::Cpu) {
  const auto steps = compile(model, {device}).report(to_data(inputs)).steps;
  return static_cast<std::size_t>(std::count_if(
      steps.begin(), steps.end(), [&](const StepReport& step) { return step.kernel == kernel; }));
}

// As on the reference device, node by node: on one thread, on two, and on a GPU.
void expect_as_reference(const Model& model, const std::vector<Tensor>& inputs) {
  const auto expected = compile(model, {.device = Device::Reference}).run(inputs);
  for (const CompileOptions& options :
       {CompileOptions{.threads = 1}, {.threads = 2}, {.device = Device::CudaEmulated}}) {
    const auto actual = compile(model, options).run(inputs);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      reference::expect_values(actual[i], expected[i].dims(), reference::to_doubles(expected[i]),
                               kTolerance);
    }
  }
}

// All steps of the model are one kernel, which computes what the nodes say.
void expect_attention(const std::string& graph, const std::vector<Tensor>& inputs) {
  SCOPED_TRACE(graph);
  const Model model = model_of(graph);
  EXPECT_EQ(count_kernels(model, inputs, "attention"), 1U);
  EXPECT_EQ(compile(model).report(to_data(inputs)).steps.size(), 1U);
  expect_as_reference(model, inputs);
}

void expect_no_attention(const std::string& graph, const std::vector<Tensor>& inputs) {
  SCOPED_TRACE(graph);
  const Model model = model_of(graph);
  EXPECT_EQ(count_kernels(model, inputs, "attention"), 0U);
  expect_as_reference(model, inputs);
}

const std::vector<Tensor> kInputs = {noise({2, 3, 5, 8}), noise({2, 3, 8, 7}, DType::Float32, 2.0),
                                     noise({2, 3, 7, 4}, DType::Float32, 3.0)};

const std::string kPorts =
    "g (float[2,3,5,8] q, float[2,3,8,7] k, float[2,3,7,4] v) => (float[2,3,5,4] y) ";

TEST(FuseAttentionTest, TakesScalesWhereverTheyStand) {
  const std::string constants = "<float c = {0.25}, float[1,1] d = {-2.0}> ";
  for (const char* nodes :
       {"s = MatMul(q, k) p = Softmax(s) y = MatMul(p, v)",
        "s = MatMul(q, k) t = Mul(s, c) p = Softmax<axis = 3>(t) y = MatMul(p, v)",
        "s = MatMul(q, k) t = Div(s, d) p = Softmax(t) y = MatMul(p, v)",
        "a = Mul(q, c) b = Div(k, d) s = MatMul(a, b) p = Softmax(s) y = MatMul(p, v)"})
    expect_attention(kPorts + constants + "{" + nodes + "}", kInputs);
}

TEST(FuseAttentionTest, TakesAddends) {
  std::vector<Tensor> inputs = kInputs;
  inputs.insert(inputs.end(), {noise({2, 1, 1, 7}), noise({3, 5, 7}), noise({5, 1})});
  const std::string ports =
      "g (float[2,3,5,8] q, float[2,3,8,7] k, float[2,3,7,4] v, float[2,1,1,7] a, float[3,5,7] b,"
      " float[5,1] c) => (float[2,3,5,4] y) <float f = {0.5}> ";
  for (const char* nodes : {"t = Add(s, a) u = Add(b, t) w = Mul(u, f) z = Sub(w, c)",
                            "t = Sub(s, a) u = Mul(t, f) w = Add(u, c) z = Sub(w, b)"}) {
    expect_attention(ports + "{ s = MatMul(q, k) " + nodes + " p = Softmax(z) y = MatMul(p, v) }",
                     inputs);
  }
}

TEST(FuseAttentionTest, MasksNaNAndTheGuard) {
  std::vector<Tensor> inputs = kInputs;
  std::vector<double> mask(2 * 5 * 7, 0.0);
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (i % 3 == 0 || (i >= 7 && i < 14)) mask[i] = -kInfinity;  // the second row as a whole
  }
  mask[60] = kNaN;
  mask[50] = kInfinity;
  inputs.push_back(tensor(DType::Float32, {2, 1, 5, 7}, mask));
  const std::string head =
      "g (float[2,3,5,8] q, float[2,3,8,7] k, float[2,3,7,4] v, float[2,1,5,7] m) =>"
      " (float[2,3,5,4] y) <float zero = {0.0}> { s = MatMul(q, k) t = Add(s, m) p = Softmax(t) ";
  expect_attention(head + "y = MatMul(p, v) }", inputs);
  expect_attention(head + "n = IsNaN(p) w = Where(n, zero, p) y = MatMul(w, v) }", inputs);
}

TEST(FuseAttentionTest, OperandsAreReadWhereTheyLie) {
  // As exporters write heads: [batch, sequence, head, width].
  expect_attention(
      R"(g (float[2,5,24] q, float[2,7,24] k, float[2,7,24] v) => (float[2,5,24] y)
        <int64[4] h = {2, -1, 3, 8}, int64[3] f = {2, 5, 24}> {
        a = Reshape(q, h) b = Transpose<perm = [0, 2, 1, 3]>(a)
        c = Reshape(k, h) d = Transpose<perm = [0, 2, 3, 1]>(c)
        e = Reshape(v, h) w = Transpose<perm = [0, 2, 1, 3]>(e)
        s = MatMul(b, d) p = Softmax(s) o = MatMul(p, w)
        t = Transpose<perm = [0, 2, 1, 3]>(o) y = Reshape(t, f) })",
      {noise({2, 5, 24}), noise({2, 7, 24}), noise({2, 7, 24})});
  // Three heads' queries, keys and values side by side; members in front.
  expect_attention(
      R"(g (float[2,2,5,72] x) => (float[2,2,5,24] y)
        <int64[5] h = {2, 2, 5, 3, 8}, int64[4] f = {2, 2, 5, 24}, int64[3] n = {24, 24, 24}> {
        q, k, v = Split<axis = 3>(x, n)
        a = Reshape(q, h) b = Transpose<perm = [0, 1, 3, 2, 4]>(a)
        c = Reshape(k, h) d = Transpose<perm = [0, 1, 3, 4, 2]>(c)
        e = Reshape(v, h) w = Transpose<perm = [0, 1, 3, 2, 4]>(e)
        s = MatMul(b, d) p = Softmax(s) o = MatMul(p, w)
        t = Transpose<perm = [0, 1, 3, 2, 4]>(o) y = Reshape(t, f) })",
      {noise({2, 2, 5, 72})});
}

TEST(FuseAttentionTest, GroupedQueries) {
  expect_attention(
      R"(g (float[2,6,5,8] q, float[2,2,7,8] k, float[2,2,7,4] v) => (float[2,6,5,4] y)
        <int64[5] g = {2, 2, 3, 7, 8}, int64[4] h = {2, 6, 7, 8}, int64[5] i = {2, 2, 3, 7, 4},
         int64[4] j = {2, 6, 7, 4}, int64[1] axis = {2}> {
        a = Unsqueeze(k, axis) b = Expand(a, g) c = Reshape(b, h)
        d = Transpose<perm = [0, 1, 3, 2]>(c)
        e = Unsqueeze(v, axis) f = Expand(e, i) w = Reshape(f, j)
        s = MatMul(q, d) p = Softmax(s) y = MatMul(p, w) })",
      {noise({2, 6, 5, 8}), noise({2, 2, 7, 8}), noise({2, 2, 7, 4})});
}

TEST(FuseAttentionTest, WindowsWithMasks) {
  expect_attention(
      R"(g (float[8,16,3,2,12] x, float[4,1,16,16] m, float[2,16,16] b) => (float[8,16,2,12] y)
        <int64[5] h = {2, 4, 2, 16, 16}, int64[4] f = {8, 2, 16, 16},
         int64 zero = {0}, int64 one = {1}, int64 two = {-1}> {
        a = Transpose<perm = [2, 0, 3, 1, 4]>(x)
        q = Gather(a, zero) c = Gather(a, one) v = Gather(a, two)
        k = Transpose<perm = [0, 1, 3, 2]>(c)
        s = MatMul(q, k) t = Add(s, b) u = Reshape(t, h) w = Add(u, m) z = Reshape(w, f)
        p = Softmax(z) o = MatMul(p, v) y = Transpose<perm = [0, 2, 1, 3]>(o) })",
      {noise({8, 16, 3, 2, 12}), noise({4, 1, 16, 16}), noise({2, 16, 16})});
}

// One head, keys that all heads share, rows that are cut into blocks, sizes of 1.
TEST(FuseAttentionTest, AnySizes) {
  struct Sizes {
    std::string q, k, v, y;
  };
  const auto dims_of = [](const std::string& text) {
    Dims dims;
    for (std::size_t at = 0; at < text.size(); at = text.find(',', at) + 1) {
      dims.push_back(std::stoll(text.substr(at)));
      if (text.find(',', at) == std::string::npos) break;
    }
    return dims;
  };
  for (const Sizes& sizes :
       {Sizes{"5,8", "8,7", "7,4", "5,4"}, Sizes{"1,1", "1,1", "1,1", "1,1"},
        Sizes{"3,1,8", "3,8,9", "3,9,8", "3,1,8"}, Sizes{"3,9,1", "3,1,1", "3,1,4", "3,9,4"},
        Sizes{"2,3,5,8", "8,7", "7,4", "2,3,5,4"}, Sizes{"5,8", "3,8,7", "3,7,4", "3,5,4"},
        Sizes{"300,16", "16,700", "700,9", "300,9"},
        Sizes{"2,130,16", "2,16,1000", "2,1000,8", "2,130,8"}}) {
    expect_attention("g (float[" + sizes.q + "] q, float[" + sizes.k + "] k, float[" + sizes.v +
                         "] v) => (float[" + sizes.y +
                         "] y) { s = MatMul(q, k) p = Softmax(s) y = MatMul(p, v) }",
                     {noise(dims_of(sizes.q)), noise(dims_of(sizes.k), DType::Float32, 2.0),
                      noise(dims_of(sizes.v), DType::Float32, 3.0)});
  }
}

// As XLNet writes it: scores of contents, of segments and of distances, of which each row is
// shifted by one against the row above, and a mask. A GPU has kernels for the Einsums as they are.
TEST(FuseAttentionTest, RelativePositions) {
  const std::vector<Tensor> inputs = {
      noise({5, 2, 3, 8}), noise({5, 2, 3, 8}, DType::Float32, 2.0),
      noise({5, 2, 3, 4}), noise({10, 2, 3, 8}, DType::Float32, 3.0),
      noise({2, 3, 5, 5}), noise({5, 5, 2, 1})};
  const std::string ports =
      "g (float[5,2,3,8] q, float[5,2,3,8] k, float[5,2,3,4] v, float[10,2,3,8] r,"
      " float[2,3,5,5] e, float[5,5,2,1] m) => (float[5,2,3,4] y) "
      "<float c = {0.25}, float f = {1e30}, int64[4] h = {2, 3, 10, 5}, int64[4] i = {2, 3, 5, 9},"
      " int64[1] one = {1}, int64[1] ten = {10}, int64[1] two = {2}, int64[5] keys = {0, 1, 2, 3, "
      "4}"
      "> {";
  const std::string shift =
      R"(a = Reshape(d, h) b = Slice(a, one, ten, two) s = Reshape(b, i)
         t = Gather<axis = 3>(s, keys) u = Add(p, t) w = Add(u, e) x = Mul(w, c)
         n = Einsum<equation = "ijbn->bnij">(m) o = Mul(n, f) z = Sub(x, o) l = Softmax(z))";
  for (const std::string& products : {std::string(R"(p = Einsum<equation = "ibnd,jbnd->bnij">(q, k)
                       d = Einsum<equation = "ibnd,jbnd->bnij">(q, r))"),
                                      std::string(R"(p = Einsum<equation = "jbnd,ibnd->bnij">(k, q)
                       d = Einsum<equation = "ibnd,jbnd->bnij">(q, r))")}) {
    for (const std::string& result :
         {std::string(R"(Einsum<equation = "bnij,jbnd->ibnd">(l, v))"),
          std::string(R"(Einsum<equation = "jbnd,bnij->ibnd">(v, l))")}) {
      const Model model = model_of(ports + products + shift + " y = " + result + " }");
      EXPECT_EQ(count_kernels(model, inputs, "attention"), 1U);
      const auto on_gpu = compile(model, {Device::CudaEmulated}).report(to_data(inputs));
      ASSERT_EQ(on_gpu.steps.size(), 3U);  // the distances, the mask's Transpose, attention
      EXPECT_EQ(on_gpu.steps.back().kernel, "cuda attention_members_32_f32");
      expect_as_reference(model, inputs);
    }
  }
}

// Rows and columns of several letters, a letter that one operand sums over alone, scores that do
// not end in rows and keys.
TEST(FuseAttentionTest, LeavesOtherEinsumsAlone) {
  const std::vector<Tensor> inputs = {noise({2, 3, 5, 8}), noise({2, 3, 7, 8}),
                                      noise({2, 3, 7, 4})};
  const std::string ports =
      "g (float[2,3,5,8] q, float[2,3,7,8] k, float[2,3,7,4] v) => (float[] y) { ";
  for (const char* nodes : {R"(s = Einsum<equation = "bnid,bnjd->binj">(q, k) p = Softmax(s)
           y = Einsum<equation = "binj,bnjd->bid">(p, v))",
                            R"(s = Einsum<equation = "bnid,bmjd->binmj">(q, k) p = Softmax(s)
           y = Einsum<equation = "binmj,bmjd->bind">(p, v))",
                            R"(s = Einsum<equation = "bnid,bnjc->bnij">(q, k) p = Softmax(s)
           y = Einsum<equation = "bnij,bnjd->bnid">(p, v))"}) {
    SCOPED_TRACE(nodes);
    const Model model = model_of(ports + nodes + " }");
    EXPECT_EQ(count_kernels(model, inputs, "attention"), 0U);
    expect_as_reference(model, inputs);
  }
}

TEST(FuseAttentionTest, LeavesOtherGraphsAlone) {
  const std::string more =
      "g (float[2,3,5,8] q, float[2,3,8,7] k, float[2,3,7,4] v) => "
      "(float[2,3,5,4] y, float[2,3,5,7] ";
  expect_no_attention(more + "s) { s = MatMul(q, k) p = Softmax(s) y = MatMul(p, v) }", kInputs);
  expect_no_attention(more + "p) { s = MatMul(q, k) p = Softmax(s) y = MatMul(p, v) }", kInputs);
  expect_no_attention(more + "t) { s = MatMul(q, k) p = Softmax(s) y = MatMul(p, v) t = Exp(p) }",
                      kInputs);
  expect_no_attention(kPorts + "{ s = MatMul(q, k) p = Softmax<axis = 2>(s) y = MatMul(p, v) }",
                      kInputs);
  expect_no_attention(kPorts + "{ s = MatMul(q, k) t = Tanh(s) p = Softmax(t) y = MatMul(p, v) }",
                      kInputs);
  expect_no_attention(kPorts +
                          "<float c = {0.0}> { s = MatMul(q, k) t = Mul(s, c)"
                          " p = Softmax(t) y = MatMul(p, v) }",
                      kInputs);
  expect_no_attention(kPorts +
                          "<float c = {1.0}> { s = MatMul(q, k) p = Softmax(s)"
                          " n = IsNaN(p) w = Where(n, c, p) y = MatMul(w, v) }",
                      kInputs);
  expect_no_attention(
      "g (float[5,2] q, float[3,4] v) => (float[5,4] y) <float[2,3] k = {1, 2, 3, 4, 5, 6}>"
      " { s = MatMul(q, k) p = Softmax(s) y = MatMul(p, v) }",
      {noise({5, 2}), noise({3, 4})});
}

TEST(FuseAttentionTest, LeavesEmptyOperandsAlone) {
  for (const auto& [q, k, v] : {std::tuple{Dims{0, 8}, Dims{8, 7}, Dims{7, 4}},
                                std::tuple{Dims{5, 0}, Dims{0, 7}, Dims{7, 4}},
                                std::tuple{Dims{5, 8}, Dims{8, 0}, Dims{0, 4}},
                                std::tuple{Dims{5, 8}, Dims{8, 7}, Dims{7, 0}}}) {
    const auto text = [](const Dims& dims) {
      return "float[" + std::to_string(dims[0]) + "," + std::to_string(dims[1]) + "]";
    };
    expect_no_attention("g (" + text(q) + " q, " + text(k) + " k, " + text(v) + " v) => (" +
                            text({q[0], v[1]}) +
                            " y) { s = MatMul(q, k) p = Softmax(s) y = MatMul(p, v) }",
                        {noise(q), noise(k), noise(v)});
  }
}

}  // namespace
}  // namespace braid
