#pragma once

#include "merge/form_costs.hpp"

namespace braid {

/// Chooses a candidate for every node so that the sum of all costs is low: expansion moves
/// (expand_form) and single steps in turn, until neither helps. With more than two forms the least
/// sum is hard to find in general; what this finds is the least on all graphs small enough to try
/// every assignment (tests/unit/merge/minimise_costs_test.cpp).
Assignment minimise_costs(const FormCosts& costs);

}  // namespace braid
