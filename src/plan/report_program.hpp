#pragma once

#include "braid/compile.hpp"
#include "runtime/program.hpp"

namespace braid {

ProgramReport report_program(const Program& program);

}  // namespace braid
