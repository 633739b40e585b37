#pragma once

#include <vector>

#include "braid/graph.hpp"

namespace braid {

/// Some exporters fold BatchNormalization into the convolutions, others do not. Folds it in those
/// canonical models that then have the operators of another one as it is; all others keep it.
void fold_to_match(const std::vector<Model*>& models);

}  // namespace braid
