#pragma once

#include <string>
#include <vector>

#include "braid/merge.hpp"
#include "tools/json_report.hpp"
#include "tools/text.hpp"

/// Prints for each group who is in it and why, what becomes of its operators and why, and for each
/// file what running it is predicted to take. `sites`: every position with all that was on offer.
void print_plan_answer(const std::vector<braid::Merged>& files,
                       const std::vector<std::string>& names, bool sites, const Answer& answer);

/// The keys "groups" and "predicted" (by file) of a plan.
void put_plan(const std::vector<braid::Merged>& files, const std::vector<std::string>& names,
              Json& json);
