#pragma once

#include "braid/verify.hpp"
#include "tools/json_report.hpp"
#include "tools/text.hpp"

/// Prints the table of outputs, a warning for each member of which nothing is proven, and the
/// closing line with the smallest tolerances that would pass.
void print_verify_answer(const braid::VerifyReport& report, const braid::VerifyOptions& options,
                         const Answer& answer);

/// The keys "options", "outputs", "controls", "passed" and "conclusive" of a report.
void put_verify_report(const braid::VerifyReport& report, const braid::VerifyOptions& options,
                       Json& json);

/// 0 if all passed; inconclusive reports pass unless `strict`.
int verify_exit_code(const braid::VerifyReport& report, bool strict);
