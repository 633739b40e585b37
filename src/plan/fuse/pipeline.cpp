#include "ir/rewrite.hpp"
#include "plan/fuse/fuse.hpp"

namespace braid {

void fuse(Graph& graph) {
  lay_out_channels_last(graph);
  fuse_epilogues(graph);
  remove_dead(graph);
}

}  // namespace braid
