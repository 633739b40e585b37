#pragma once

#include "braid/compile.hpp"
#include "runtime/plan.hpp"

namespace braid {

/// The steps of all parts, one part behind the other.
ProgramReport report_plan(const Plan& plan);

}  // namespace braid
