#pragma once

#include <dnnl.hpp>
#include <string>

/// What oneDNN 2 and 3 spell in different ways.
namespace braid::onednn {

using Dims = dnnl::memory::dims;

/// A window that slides. Dilations are 0 where windows have no gaps.
struct Sliding {
  Dims strides;
  Dims dilations;
  Dims pads_begin;
  Dims pads_end;
};

/// `bias` may be empty.
dnnl::matmul::primitive_desc describe_matmul(const dnnl::memory::desc& a,
                                             const dnnl::memory::desc& b,
                                             const dnnl::memory::desc& bias,
                                             const dnnl::memory::desc& y,
                                             const dnnl::primitive_attr& attributes);

/// `bias` may be empty.
dnnl::convolution_forward::primitive_desc describe_convolution(
    const dnnl::memory::desc& x, const dnnl::memory::desc& weight, const dnnl::memory::desc& bias,
    const dnnl::memory::desc& y, const Sliding& sliding, const dnnl::primitive_attr& attributes);

/// Without dilations.
dnnl::pooling_forward::primitive_desc describe_pooling(dnnl::algorithm algorithm,
                                                       const dnnl::memory::desc& x,
                                                       const dnnl::memory::desc& y,
                                                       const Dims& window, const Sliding& sliding,
                                                       const dnnl::primitive_attr& attributes);

void append_eltwise(dnnl::post_ops& operations, dnnl::algorithm algorithm, float alpha, float beta);

/// All that tells layouts apart, as text.
std::string key_of(const dnnl::memory::desc& layout);

}  // namespace braid::onednn
