#pragma once

#include "merge/form_costs.hpp"

namespace braid {

/// Lets all nodes that gain by it together go over to candidates that yield `form`: the best such
/// set is a minimum s-t cut (the expansion move of Boykov, Veksler and Zabih, "Fast approximate
/// energy minimization via graph cuts", 2001). A conversion that several readers share is charged
/// to each of them in the cut, so the outcome is taken only if it really costs less.
/// Returns whether `chosen` has changed.
bool expand_form(const FormCosts& costs, const Form& form, Assignment& chosen);

}  // namespace braid
