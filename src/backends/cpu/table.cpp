#include <map>

#include "backends/cpu/bind.hpp"

namespace braid {

Binder find_binder(std::string_view domain, std::string_view name) {
  static const std::map<std::pair<std::string_view, std::string_view>, Binder> table = {
      {{"", "MatMul"}, bind_matmul},
      {{"", "Concat"}, bind_concat},
      {{"", "ConstantOfShape"}, bind_constant_of_shape},
      {{"", "DepthToSpace"}, bind_depth_to_space},
      {{"", "Expand"}, bind_expand},
      {{"", "Gather"}, bind_gather},
      {{"", "GatherElements"}, bind_gather_elements},
      {{"", "GatherND"}, bind_gather_nd},
      {{"", "GRU"}, bind_gru},
      {{"", "LSTM"}, bind_lstm},
      {{"", "Pad"}, bind_pad},
      {{"", "RNN"}, bind_rnn},
      {{"", "ScatterElements"}, bind_scatter_elements},
      {{"", "ScatterND"}, bind_scatter_nd},
      {{"", "Slice"}, bind_slice},
      {{"", "SpaceToDepth"}, bind_space_to_depth},
      {{"", "Split"}, bind_split},
      {{"", "Tile"}, bind_tile},
      {{"", "Transpose"}, bind_transpose},
  };
  const auto found = table.find({domain, name});
  return found != table.end() ? found->second : nullptr;
}

}  // namespace braid
