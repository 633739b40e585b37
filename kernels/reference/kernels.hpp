#pragma once

#include <string_view>

#include "braid/kernel.hpp"

/// The reference backend: plain loops that compute in double and round once. It is the definition
/// of correct for the other backends, and does what they do not.
///
/// Kernels ask for inputs aligned to their element type. They fail (Error, BadInput) for types and
/// shapes that their operator does not take; no input makes them read or write out of bounds.
namespace braid::reference {

/// The kernel of an operator, for every version of the operator set; nullptr if there is none.
KernelFunction find_kernel(std::string_view domain, std::string_view op);

/// The same for an operator of ai.onnx.ml.
KernelFunction find_ml_kernel(std::string_view op);

/// One function per operator, grouped by the files that define them.
namespace ops {

// activation.cpp
void relu(KernelCall& call);
void sigmoid(KernelCall& call);
void softplus(KernelCall& call);
void softsign(KernelCall& call);
void mish(KernelCall& call);
void hard_swish(KernelCall& call);
void swish(KernelCall& call);
void celu(KernelCall& call);
void elu(KernelCall& call);
void selu(KernelCall& call);
void gelu(KernelCall& call);
void hard_sigmoid(KernelCall& call);
void leaky_relu(KernelCall& call);
void thresholded_relu(KernelCall& call);
void shrink(KernelCall& call);
void prelu(KernelCall& call);
void clip(KernelCall& call);

// arg_extremum.cpp
void arg_max(KernelCall& call);
void arg_min(KernelCall& call);

// attention.cpp
void attention(KernelCall& call);

// cast.cpp
void cast(KernelCall& call);
void cast_like(KernelCall& call);
void bit_cast(KernelCall& call);

// col2im.cpp
void col2im(KernelCall& call);

// causal_conv.cpp
void causal_conv_with_state(KernelCall& call);

// concat.cpp
void concat(KernelCall& call);

// constant.cpp
void constant(KernelCall& call);
void constant_of_shape(KernelCall& call);

// conv.cpp
void conv(KernelCall& call);
void conv_transpose(KernelCall& call);

// cumulative.cpp
void cum_sum(KernelCall& call);
void cum_prod(KernelCall& call);

// determinant.cpp
void det(KernelCall& call);

// deform_conv.cpp
void deform_conv(KernelCall& call);

// einsum.cpp
void einsum(KernelCall& call);

// elementwise_binary.cpp
void add(KernelCall& call);
void sub(KernelCall& call);
void mul(KernelCall& call);
void div(KernelCall& call);
void mod(KernelCall& call);
void pow(KernelCall& call);
void equal(KernelCall& call);
void greater(KernelCall& call);
void greater_or_equal(KernelCall& call);
void less(KernelCall& call);
void less_or_equal(KernelCall& call);
void and_(KernelCall& call);
void or_(KernelCall& call);
void xor_(KernelCall& call);
void bitwise_and(KernelCall& call);
void bitwise_or(KernelCall& call);
void bitwise_xor(KernelCall& call);
void bit_shift(KernelCall& call);

// elementwise_unary.cpp
void abs(KernelCall& call);
void neg(KernelCall& call);
void sign(KernelCall& call);
void acos(KernelCall& call);
void acosh(KernelCall& call);
void asin(KernelCall& call);
void asinh(KernelCall& call);
void atan(KernelCall& call);
void atanh(KernelCall& call);
void ceil(KernelCall& call);
void cos(KernelCall& call);
void cosh(KernelCall& call);
void erf(KernelCall& call);
void exp(KernelCall& call);
void floor(KernelCall& call);
void log(KernelCall& call);
void reciprocal(KernelCall& call);
void round(KernelCall& call);
void sin(KernelCall& call);
void sinh(KernelCall& call);
void sqrt(KernelCall& call);
void tan(KernelCall& call);
void tanh(KernelCall& call);
void not_(KernelCall& call);
void bitwise_not(KernelCall& call);
void is_nan(KernelCall& call);
void is_inf(KernelCall& call);

// elementwise_variadic.cpp
void max(KernelCall& call);
void min(KernelCall& call);
void sum(KernelCall& call);
void mean(KernelCall& call);

// expand.cpp
void expand(KernelCall& call);
void tile(KernelCall& call);

// fourier.cpp
void dft(KernelCall& call);
void stft(KernelCall& call);

// gather.cpp
void gather(KernelCall& call);
void gather_elements(KernelCall& call);
void gather_nd(KernelCall& call);

// grid.cpp
void grid_sample(KernelCall& call);
void affine_grid(KernelCall& call);

// indicator.cpp
void one_hot(KernelCall& call);
void eye_like(KernelCall& call);
void non_zero(KernelCall& call);
void trilu(KernelCall& call);

// loss.cpp
void negative_log_likelihood_loss(KernelCall& call);
void softmax_cross_entropy_loss(KernelCall& call);

// linear_attention.cpp
void linear_attention(KernelCall& call);

// matmul.cpp
void matmul(KernelCall& call);
void gemm(KernelCall& call);

// norm.cpp
void lp_normalization(KernelCall& call);
void mean_variance_normalization(KernelCall& call);
void lrn(KernelCall& call);

// normalization.cpp
void layer_normalization(KernelCall& call);
void rms_normalization(KernelCall& call);
void batch_normalization(KernelCall& call);
void instance_normalization(KernelCall& call);
void group_normalization(KernelCall& call);

// pad.cpp
void pad(KernelCall& call);
void center_crop_pad(KernelCall& call);

// pool.cpp
void average_pool(KernelCall& call);
void max_pool(KernelCall& call);
void lp_pool(KernelCall& call);
void global_average_pool(KernelCall& call);
void global_max_pool(KernelCall& call);
void global_lp_pool(KernelCall& call);

// quantize.cpp
void quantize_linear(KernelCall& call);
void dequantize_linear(KernelCall& call);
void dynamic_quantize_linear(KernelCall& call);

// quantized_product.cpp
void matmul_integer(KernelCall& call);
void qlinear_matmul(KernelCall& call);
void conv_integer(KernelCall& call);
void qlinear_conv(KernelCall& call);

// range.cpp
void range(KernelCall& call);

// recurrent.cpp
void rnn(KernelCall& call);
void gru(KernelCall& call);
void lstm(KernelCall& call);

// reduce.cpp
void reduce_sum(KernelCall& call);
void reduce_mean(KernelCall& call);
void reduce_prod(KernelCall& call);
void reduce_sum_square(KernelCall& call);
void reduce_l1(KernelCall& call);
void reduce_l2(KernelCall& call);
void reduce_log_sum(KernelCall& call);
void reduce_log_sum_exp(KernelCall& call);
void reduce_max(KernelCall& call);
void reduce_min(KernelCall& call);

// reshape.cpp
void identity(KernelCall& call);
void reshape(KernelCall& call);
void flatten(KernelCall& call);
void squeeze(KernelCall& call);
void unsqueeze(KernelCall& call);
void dropout(KernelCall& call);

// resize.cpp
void resize(KernelCall& call);

// reverse_sequence.cpp
void reverse_sequence(KernelCall& call);

// roi.cpp
void roi_align(KernelCall& call);
void max_roi_pool(KernelCall& call);

// rotary_embedding.cpp
void rotary_embedding(KernelCall& call);

// scatter.cpp
void scatter_elements(KernelCall& call);
void scatter_nd(KernelCall& call);

// shape.cpp
void shape(KernelCall& call);
void size(KernelCall& call);

// slice.cpp
void slice(KernelCall& call);

// softmax.cpp
void softmax(KernelCall& call);
void log_softmax(KernelCall& call);
void hardmax(KernelCall& call);

// split.cpp
void split(KernelCall& call);

// tensor_scatter.cpp
void tensor_scatter(KernelCall& call);

// top_k.cpp
void top_k(KernelCall& call);

// transpose.cpp
void transpose(KernelCall& call);
void depth_to_space(KernelCall& call);
void space_to_depth(KernelCall& call);

// unpool.cpp
void max_unpool(KernelCall& call);

// data_dependent.cpp
void compress(KernelCall& call);
void non_max_suppression(KernelCall& call);
void unique(KernelCall& call);

// ml_categories.cpp
void category_mapper(KernelCall& call);
void label_encoder(KernelCall& call);
void one_hot_encoder(KernelCall& call);

// ml_features.cpp
void array_feature_extractor(KernelCall& call);
void binarizer(KernelCall& call);
void feature_vectorizer(KernelCall& call);
void imputer(KernelCall& call);
void normalizer(KernelCall& call);
void scaler(KernelCall& call);

// ml_linear.cpp
void linear_classifier(KernelCall& call);
void linear_regressor(KernelCall& call);

// ml_svm.cpp
void svm_classifier(KernelCall& call);
void svm_regressor(KernelCall& call);

// ml_tree.cpp
void tree_ensemble(KernelCall& call);
void tree_ensemble_classifier(KernelCall& call);
void tree_ensemble_regressor(KernelCall& call);

// window_functions.cpp
void blackman_window(KernelCall& call);
void hamming_window(KernelCall& call);
void hann_window(KernelCall& call);

// where.cpp
void where(KernelCall& call);

}  // namespace ops
}  // namespace braid::reference
