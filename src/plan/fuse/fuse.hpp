#pragma once

#include "braid/graph.hpp"

namespace braid {

// Passes that prepare a graph for kernels. All dims that can be known are known, and each pass sets
// the types of the values that it adds. Each lives in a file of its name.

void lay_out_channels_last(Graph& graph);
void fuse_epilogues(Graph& graph);
void fuse_skip_layer_normalization(Graph& graph);
void fuse_elementwise(Graph& graph);

/// The order in which the passes run: pipeline.cpp.
void fuse(Graph& graph);

}  // namespace braid
