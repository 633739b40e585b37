#pragma once

#include "property/builder.hpp"

namespace braid::property {

/// One way to grow a graph: picks operands that fit, draws attributes, adds one node or a few.
/// Throws Rejected where nothing fits.
using Drawer = void (*)(Builder& builder);

struct WeightedDrawer {
  Drawer draw;
  int weight;  ///< relative frequency
};

/// The drawers of all families: table.cpp.
const std::vector<WeightedDrawer>& drawers();

void draw_argument(Builder& b);
void draw_attention(Builder& b);
void draw_batch_normalization(Builder& b);
void draw_binary(Builder& b);
void draw_bitwise(Builder& b);
void draw_cast(Builder& b);
void draw_center_crop_pad(Builder& b);
void draw_clip(Builder& b);
void draw_comparison(Builder& b);
void draw_concat(Builder& b);
void draw_conv(Builder& b);
void draw_conv_transpose(Builder& b);
void draw_cumulative(Builder& b);
void draw_dequantized_weight(Builder& b);
void draw_division(Builder& b);
void draw_dropout(Builder& b);
void draw_einsum(Builder& b);
void draw_embedding(Builder& b);
void draw_expand(Builder& b);
void draw_eye_like(Builder& b);
void draw_flatten(Builder& b);
void draw_gather(Builder& b);
void draw_gather_elements(Builder& b);
void draw_gather_nd(Builder& b);
void draw_gemm(Builder& b);
void draw_grid_sample(Builder& b);
void draw_group_normalization(Builder& b);
void draw_guarded_unary(Builder& b);
void draw_instance_normalization(Builder& b);
void draw_integer_convolution(Builder& b);
void draw_integer_product(Builder& b);
void draw_layer_normalization(Builder& b);
void draw_logic(Builder& b);
void draw_lp_normalization(Builder& b);
void draw_lrn(Builder& b);
void draw_mask(Builder& b);
void draw_matmul(Builder& b);
void draw_matmul_of_activations(Builder& b);
void draw_mean_variance_normalization(Builder& b);
void draw_mod(Builder& b);
void draw_one_hot(Builder& b);
void draw_pad(Builder& b);
void draw_pool(Builder& b);
void draw_pow(Builder& b);
void draw_prelu(Builder& b);
void draw_quantization(Builder& b);
void draw_recurrent(Builder& b);
void draw_reduce(Builder& b);
void draw_reshape(Builder& b);
void draw_reshape_at_run_time(Builder& b);
void draw_resize(Builder& b);
void draw_reverse_sequence(Builder& b);
void draw_rms_normalization(Builder& b);
void draw_roi_align(Builder& b);
void draw_scatter_elements(Builder& b);
void draw_scatter_nd(Builder& b);
void draw_shape(Builder& b);
void draw_shuffled_space(Builder& b);
void draw_slice(Builder& b);
void draw_softmax(Builder& b);
void draw_split(Builder& b);
void draw_squeeze(Builder& b);
void draw_tile(Builder& b);
void draw_top_k(Builder& b);
void draw_transpose(Builder& b);
void draw_trilu(Builder& b);
void draw_unary(Builder& b);
void draw_unsqueeze(Builder& b);
void draw_variadic(Builder& b);
void draw_where(Builder& b);

}  // namespace braid::property
