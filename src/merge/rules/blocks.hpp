#pragma once

#include "merge/rules/rules.hpp"

namespace braid {

// Parameters of operators that work channel by channel, or group by group, beside data in
// folded(k): the parameters of the k blocks of members are joined along one axis.

/// "stitched" for one block, "fused" for a block per member, else "mixed".
std::string blocks_rule(const Site& site, int blocks);

/// True if joined() can serve `blocks` blocks: the input is absent, uniform, a constant that is the
/// same within each block, or computed, with a block per member.
bool is_joinable(const Site& site, std::size_t input, int blocks);

/// True for a scalar, and for a vector of one value.
bool is_single(const Site& site, std::size_t input);

/// Makes `candidate`, which yields folded(k), read a joinable input in the form that joined() asks
/// for, and charges it for parameters that are repeated.
void read_joined(const Site& site, std::size_t input, int axis, Candidate& candidate);

/// The input's tensors of all blocks, one after the other along axis 0 or 1; kAbsent if it is.
ValueId joined(Emitter& emitter, const Site& site, std::size_t input, int blocks, int axis = 0);

}  // namespace braid
