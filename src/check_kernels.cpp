#include <algorithm>
#include <cmath>
#include <limits>

#include "braid/doctor.hpp"
#include "braid/error.hpp"
#include "braid/onnx.hpp"
#include "braid/verify.hpp"

namespace braid {
namespace {

/// A small model of one family of kernels; each has inputs that are ragged.
struct Probe {
  const char* family;
  const char* model;
};

constexpr Probe kProbes[] = {
    {"products of members", R"(g (float[3,17,33] x, float[3,33,20] w, float[3,17,20] b)
        => (float[3,17,20] y) { p = MatMul(x, w) s = Add(p, b) y = Relu(s) })"},
    {"products of few rows", R"(g (float[2,5,40] x, float[2,40,36] w) => (float[2,5,36] y)
        { y = MatMul(x, w) })"},
    {"convolution", R"(g (float[2,5,9,7] x, float[8,5,3,3] w, float[8] b) => (float[2,8,5,4] y)
        { y = Conv<strides = [2, 2], pads = [1, 1, 1, 1]>(x, w, b) })"},
    {"convolution of groups", R"(g (float[1,6,8,8] x, float[6,2,3,3] w) => (float[1,6,8,8] y)
        { y = Conv<group = 3, pads = [1, 1, 1, 1]>(x, w) })"},
    {"pooling", R"(g (float[2,3,9,9] x) => (float[2,3,5,5] y, float[2,3,5,5] z)
        { y = MaxPool<kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]>(x)
          z = AveragePool<kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]>(x) })"},
    {"attention", R"(g (float[2,4,37,16] q, float[2,4,16,37] k, float[2,4,37,16] v)
        => (float[2,4,37,16] y) { s = MatMul(q, k) p = Softmax(s) y = MatMul(p, v) })"},
    {"chains", R"(g (float[3,1,33] x, float[5,1] z) => (float[3,5,33] y)
        { a = Mul(x, z) b = Sigmoid(a) c = Add(b, x) d = Erf(c) y = Tanh(d) })"},
    {"rows", R"(g (float[7,40] x, float[40] s, float[40] b) => (float[7,40] y, float[7,40] z)
        { y = LayerNormalization(x, s, b) z = Softmax(x) })"},
    {"groups of channels", R"(g (float[2,6,5,5] x, float[6] s, float[6] b) => (float[2,6,5,5] y)
        { y = InstanceNormalization(x, s, b) })"},
    {"movement", R"(g (float[5,33,7] x) => (float[7,5,33] y, float[5,66,7] z, float[5,33,9] p)
        <int64[6] pads = {0, 0, 1, 0, 0, 1}>
        { y = Transpose<perm = [2, 0, 1]>(x) z = Concat<axis = 1>(x, x) p = Pad(x, pads) })"},
    {"reduction", R"(g (float[5,33,7] x) => (float[5,7] y, float[5,33] z)
        { y = ReduceMean<axes = [1], keepdims = 0>(x) z = ReduceMax<axes = [2], keepdims = 0>(x)
        })"},
    {"selection", R"(g (float[5,33] x) => (float[5,4] y, int64[5,4] i, int64[5,1] j)
        <int64[1] k = {4}> { y, i = TopK(x, k) j = ArgMax<axis = 1>(x) })"},
    {"lookup", R"(g (float[5,8] x) => (float[3,8] y)
        <int64[3] i = {4, 0, -1}> { y = Gather(x, i) })"},
    {"resizing", R"(g (float[1,3,5,6] x) => (float[1,3,10,12] y)
        <float[4] scales = {1, 1, 2, 2}> { y = Resize<mode = "linear">(x, , scales) })"},
};

// As a file would have it, of the operator set that all probes are written for.
Model model_of(const Probe& probe) {
  return parse_model_text("<ir_version: 8, opset_import: [\"\" : 17]> " + std::string(probe.model));
}

double error_of(const Tensor& result, const Tensor& expected) {
  if (expected.dtype() != DType::Float32) {
    return same_content(result, expected) ? 0.0 : std::numeric_limits<double>::quiet_NaN();
  }
  const auto a = result.data<float>();
  const auto b = expected.data<float>();
  double worst = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    const double error = std::abs(double{a[i]} - double{b[i]}) / (1 + std::abs(double{b[i]}));
    worst = std::isnan(error) ? error : std::max(worst, error);
  }
  return worst;
}

void run_probe(const Probe& probe, Device device, KernelCheck& check) {
  constexpr int kRuns = 3;  // launched, captured, replayed
  const Model model = model_of(probe);
  const Executable program = compile(model, {device});
  const Executable reference = compile(model, {Device::Reference});
  const std::vector<Tensor> inputs = sample_inputs(model, program.inputs(), 1, {});
  const std::vector<Tensor> expected = reference.run(inputs);
  for (const StepReport& step : program.report(to_data(inputs)).steps)
    check.kernels.push_back(step.kernel + (step.choice.empty() ? "" : " (" + step.choice + ")"));
  for (int run = 0; run < kRuns; ++run) {
    const std::vector<Tensor> results = program.run(inputs);
    for (std::size_t i = 0; i < results.size(); ++i) {
      const double error = error_of(results[i], expected[i]);
      check.error = std::isnan(error) || std::isnan(check.error) ? std::nan("")
                                                                 : std::max(check.error, error);
    }
  }
}

}  // namespace

std::vector<KernelCheck> check_kernels(Device device) {
  constexpr double kMostError = 1e-4;
  compile(model_of(kProbes[0]), {device});  // says whether the device is there
  std::vector<KernelCheck> checks;
  for (const Probe& probe : kProbes) {
    KernelCheck& check = checks.emplace_back(KernelCheck{probe.family, {}, 0, false, ""});
    try {
      run_probe(probe, device, check);
      check.passed = check.error <= kMostError;
    } catch (const Error& error) {
      check.failure = error.what();
    }
  }
  return checks;
}

}  // namespace braid
