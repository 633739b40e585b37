#include "ir/rewrite.hpp"
#include "plan/fuse/fuse.hpp"

namespace braid {

void fuse(Graph& graph) {
  lay_out_channels_last(graph);
  fuse_epilogues(graph);
  fuse_skip_layer_normalization(graph);
  fuse_elementwise(graph);  // after all that takes some of these operators
  remove_dead(graph);
}

}  // namespace braid
