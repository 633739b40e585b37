#pragma once

#include <memory>
#include <vector>

#include "tools/bench/contenders.hpp"

/// The arrangements of the members on a GPU, all with their inputs and outputs in its memory:
///
///   members in sequence        kernel by kernel, in one stream
///   members on streams         kernel by kernel, each in a stream of its own
///   members, a graph each      one after the other
///   members in one graph       as its branches
///   merged, fused              weights of each member; those that members share are copied
///   merged, stitched           weights that members share are there once; if there are any
///
/// `merged` is the merged model of these members.
std::vector<std::unique_ptr<Contender>> contenders_on_device(
    const std::vector<braid::Member>& members, const braid::Model& merged, const Sizes& dims,
    const braid::CompileOptions& options);
