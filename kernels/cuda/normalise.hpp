#pragma once

#include "kernels/cuda/element.hpp"
#include "kernels/cuda/fast_divide.hpp"

/// Normalisation with parameters per member; all pointers are of one element type.
namespace braid::cuda {

struct Launch;

/// LayerNormalization and RMSNormalization of the rows of x + residual + addend, which lie one
/// after the other: (row - mean) / deviation * scale + bias.
struct NormaliseRowsArgs {
  const void* x = nullptr;
  const void* residual = nullptr;  ///< as x; may be null
  const void* addend = nullptr;    ///< one row per member, added to each; may be null
  const void* scale = nullptr;     ///< one row per member
  const void* bias = nullptr;      ///< one row per member; may be null
  void* sum = nullptr;             ///< gets what is normalised; may be null, or be residual
  void* y = nullptr;
  std::int64_t addend_member = 0;  ///< strides between the rows of members; 0 if shared
  std::int64_t scale_member = 0;
  std::int64_t bias_member = 0;
  int rows = 1;
  int rows_per_member = 1;
  int length = 1;
  float epsilon = 0.0F;
  bool is_centred = true;  ///< false: RMSNormalization
};

Launch launch_normalise_rows(const NormaliseRowsArgs& args, Element element);

/// GroupNormalization and InstanceNormalization: `groups` groups of `channels` channels each.
struct NormaliseGroupsArgs {
  const void* x = nullptr;
  const void* scale = nullptr;  ///< one value per channel of each member
  const void* bias = nullptr;
  void* y = nullptr;  ///< lies as x does
  std::int64_t image_stride = 0;
  std::int64_t channel_stride = 1;
  std::int64_t pixel_stride = 1;
  std::int64_t scale_member = 0;  ///< strides between members; 0 if shared
  std::int64_t bias_member = 0;
  int images = 1;
  int images_per_member = 1;
  int groups = 1;
  int channels = 1;  ///< of a group
  int pixels = 1;
  float epsilon = 0.0F;
  FastDivisor inner;  ///< the launch function sets it: of the faster axis, channels or pixels
};

Launch launch_normalise_groups(NormaliseGroupsArgs& args, Element element);

/// Softmax and LogSoftmax along the middle axis of [outer, length, inner].
struct SoftmaxArgs {
  const void* x = nullptr;
  void* y = nullptr;
  int outer = 1;
  int length = 1;
  int inner = 1;
  bool is_log = false;
};

Launch launch_softmax(const SoftmaxArgs& args, Element element);

}  // namespace braid::cuda
