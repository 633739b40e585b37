#include "merge/fold_to_match.hpp"

#include <algorithm>

#include "braid/canonicalise.hpp"
#include "merge/groups.hpp"

namespace braid {
void fold_to_match(const std::vector<Model*>& models) {
  std::vector<std::map<std::string, int>> counts;
  for (const Model* model : models)
    counts.push_back(operator_counts(model->graph));
  for (Model* model : models) {
    Model folded = *model;
    if (!fold_batch_normalization(folded)) continue;
    const auto after = operator_counts(folded.graph);
    if (std::find(counts.begin(), counts.end(), after) != counts.end()) *model = std::move(folded);
  }
}

}  // namespace braid
