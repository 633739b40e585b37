#pragma once

#include "merge/emitter.hpp"
#include "merge/site.hpp"

namespace braid {

// One rule per operator family, in a file of its name. Each offers what is right at a site; the
// algebra behind them is in docs/architecture.md. Costs are beside reading and writing operands.

std::vector<Candidate> elementwise_rule(const Site& site);
std::vector<Candidate> clip_rule(const Site& site);
std::vector<Candidate> axis_rule(const Site& site);
std::vector<Candidate> reduce_rule(const Site& site);
std::vector<Candidate> cumulative_rule(const Site& site);
std::vector<Candidate> batchwise_rule(const Site& site);
std::vector<Candidate> channelwise_rule(const Site& site);
std::vector<Candidate> depth_to_space_rule(const Site& site);
std::vector<Candidate> max_pool_rule(const Site& site);
std::vector<Candidate> max_unpool_rule(const Site& site);
std::vector<Candidate> resize_rule(const Site& site);
std::vector<Candidate> grid_sample_rule(const Site& site);
std::vector<Candidate> affine_grid_rule(const Site& site);
std::vector<Candidate> roi_align_rule(const Site& site);
std::vector<Candidate> max_roi_pool_rule(const Site& site);
std::vector<Candidate> conv_rule(const Site& site);
std::vector<Candidate> matmul_rule(const Site& site);
std::vector<Candidate> gemm_rule(const Site& site);
std::vector<Candidate> einsum_rule(const Site& site);
std::vector<Candidate> quantized_conv_rule(const Site& site);
std::vector<Candidate> quantized_matmul_rule(const Site& site);
std::vector<Candidate> quantize_linear_rule(const Site& site);
std::vector<Candidate> blockwise_rule(const Site& site);
std::vector<Candidate> layer_normalization_rule(const Site& site);
std::vector<Candidate> lp_normalization_rule(const Site& site);
std::vector<Candidate> mean_variance_normalization_rule(const Site& site);
std::vector<Candidate> recurrent_rule(const Site& site);
std::vector<Candidate> batch_rule(const Site& site);
std::vector<Candidate> rows_rule(const Site& site);
std::vector<Candidate> gather_rule(const Site& site);
std::vector<Candidate> gather_elements_rule(const Site& site);
std::vector<Candidate> gather_nd_rule(const Site& site);
std::vector<Candidate> scatter_elements_rule(const Site& site);
std::vector<Candidate> scatter_nd_rule(const Site& site);
std::vector<Candidate> one_hot_rule(const Site& site);
std::vector<Candidate> reverse_sequence_rule(const Site& site);
std::vector<Candidate> reshape_rule(const Site& site);
std::vector<Candidate> flatten_rule(const Site& site);
std::vector<Candidate> transpose_rule(const Site& site);
std::vector<Candidate> squeeze_rule(const Site& site);
std::vector<Candidate> unsqueeze_rule(const Site& site);
std::vector<Candidate> expand_rule(const Site& site);
std::vector<Candidate> tile_rule(const Site& site);
std::vector<Candidate> concat_rule(const Site& site);
std::vector<Candidate> split_rule(const Site& site);
std::vector<Candidate> slice_rule(const Site& site);
std::vector<Candidate> pad_rule(const Site& site);
std::vector<Candidate> center_crop_pad_rule(const Site& site);
std::vector<Candidate> matrices_rule(const Site& site);
std::vector<Candidate> dft_rule(const Site& site);
std::vector<Candidate> loss_rule(const Site& site);
std::vector<Candidate> if_rule(const Site& site);
std::vector<Candidate> loop_rule(const Site& site);
std::vector<Candidate> scan_rule(const Site& site);
std::vector<Candidate> sequence_map_rule(const Site& site);
std::vector<Candidate> shape_rule(const Site& site);
std::vector<Candidate> eye_like_rule(const Site& site);

/// A candidate that reads every stacked input, and yields every output, in `form`.
Candidate in_form(const Site& site, std::string rule, const Form& form,
                  std::function<void(Emitter&)> emit);

/// `attributes` with another integer, or other integers, under `name`.
Attributes with(Attributes attributes, const std::string& name, AttributeValue value);

/// Adds the inputs from `first` on, which are all uniform or absent.
void append_uniform(Emitter& emitter, const Site& site, std::size_t first,
                    std::vector<ValueId>& inputs);

/// Cost of a copy of each uniform input for every member.
double expansion_cost(const Site& site);

/// `axis` counted from the front; `rank` must be known.
int from_front(std::int64_t axis, int rank);

}  // namespace braid
