#pragma once

#include "merge/emitter.hpp"

namespace braid {

/// Stores bytes once that positions of different shapes or in different company hold: a weight that
/// is one of a stack here and stands alone, or in another stack, there. Such stacks become Concat
/// nodes of their parts; equal bytes with other dims become a Reshape. Small constants are left.
void share_parts(MergedGraph& merged);

}  // namespace braid
