// oneDNN 2 describes an operation first and then its primitive; in 3 both are one.

#include "backends/cpu/onednn_version.hpp"

#include "backends/cpu/onednn.hpp"

namespace braid::onednn {

constexpr auto kInference = dnnl::prop_kind::forward_inference;
constexpr auto kDirect = dnnl::algorithm::convolution_direct;

#if DNNL_VERSION_MAJOR >= 3

dnnl::matmul::primitive_desc describe_matmul(const dnnl::memory::desc& a,
                                             const dnnl::memory::desc& b,
                                             const dnnl::memory::desc& bias,
                                             const dnnl::memory::desc& y,
                                             const dnnl::primitive_attr& attributes) {
  if (bias.is_zero()) return {engine(), a, b, y, attributes};
  return {engine(), a, b, bias, y, attributes};
}

dnnl::convolution_forward::primitive_desc describe_convolution(
    const dnnl::memory::desc& x, const dnnl::memory::desc& weight, const dnnl::memory::desc& bias,
    const dnnl::memory::desc& y, const Sliding& sliding, const dnnl::primitive_attr& attributes) {
  return {engine(),
          kInference,
          kDirect,
          x,
          weight,
          bias,
          y,
          sliding.strides,
          sliding.dilations,
          sliding.pads_begin,
          sliding.pads_end,
          attributes};
}

dnnl::pooling_forward::primitive_desc describe_pooling(dnnl::algorithm algorithm,
                                                       const dnnl::memory::desc& x,
                                                       const dnnl::memory::desc& y,
                                                       const Dims& window, const Sliding& sliding,
                                                       const dnnl::primitive_attr& attributes) {
  return {engine(),
          kInference,
          algorithm,
          x,
          y,
          sliding.strides,
          window,
          Dims(window.size(), 0),
          sliding.pads_begin,
          sliding.pads_end,
          attributes};
}

void append_eltwise(dnnl::post_ops& operations, dnnl::algorithm algorithm, float alpha,
                    float beta) {
  operations.append_eltwise(algorithm, alpha, beta);
}

std::string key_of(const dnnl::memory::desc& layout) {
  const auto bytes = dnnl::memory::desc(layout).get_blob();
  return {bytes.begin(), bytes.end()};
}

#else

dnnl::matmul::primitive_desc describe_matmul(const dnnl::memory::desc& a,
                                             const dnnl::memory::desc& b,
                                             const dnnl::memory::desc& bias,
                                             const dnnl::memory::desc& y,
                                             const dnnl::primitive_attr& attributes) {
  if (bias.is_zero()) return {dnnl::matmul::desc(a, b, y), attributes, engine()};
  return {dnnl::matmul::desc(a, b, bias, y), attributes, engine()};
}

dnnl::convolution_forward::primitive_desc describe_convolution(
    const dnnl::memory::desc& x, const dnnl::memory::desc& weight, const dnnl::memory::desc& bias,
    const dnnl::memory::desc& y, const Sliding& sliding, const dnnl::primitive_attr& attributes) {
  const dnnl::convolution_forward::desc operation(kInference, kDirect, x, weight, bias, y,
                                                  sliding.strides, sliding.dilations,
                                                  sliding.pads_begin, sliding.pads_end);
  return {operation, attributes, engine()};
}

dnnl::pooling_forward::primitive_desc describe_pooling(dnnl::algorithm algorithm,
                                                       const dnnl::memory::desc& x,
                                                       const dnnl::memory::desc& y,
                                                       const Dims& window, const Sliding& sliding,
                                                       const dnnl::primitive_attr& attributes) {
  const dnnl::pooling_forward::desc operation(kInference, algorithm, x, y, sliding.strides, window,
                                              sliding.pads_begin, sliding.pads_end);
  return {operation, attributes, engine()};
}

void append_eltwise(dnnl::post_ops& operations, dnnl::algorithm algorithm, float alpha,
                    float beta) {
  operations.append_eltwise(1, algorithm, alpha, beta);
}

std::string key_of(const dnnl::memory::desc& layout) {
  return {reinterpret_cast<const char*>(&layout.data), sizeof(layout.data)};
}

#endif

}  // namespace braid::onednn
