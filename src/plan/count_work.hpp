#pragma once

#include "plan/operator.hpp"
#include "runtime/program.hpp"

namespace braid {

/// What the operator has to do, whichever kernel does it. A table that is looked up counts as what
/// is taken of it; operands that lie in place already count nothing. Products, convolutions and
/// recurrent layers have FLOPs, two for each multiplication with its addition.
Work count_work(const Operator& op);

}  // namespace braid
