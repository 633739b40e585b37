#include "kernels/reference/kernels.hpp"

#include <algorithm>
#include <iterator>

namespace braid::reference {
namespace {

struct Entry {
  std::string_view op;
  KernelFunction kernel;
};

constexpr Entry kKernels[] = {
    {"ArrayFeatureExtractor", ops::array_feature_extractor},
    {"Binarizer", ops::binarizer},
    {"CategoryMapper", ops::category_mapper},
    {"FeatureVectorizer", ops::feature_vectorizer},
    {"Imputer", ops::imputer},
    {"LabelEncoder", ops::label_encoder},
    {"LinearClassifier", ops::linear_classifier},
    {"LinearRegressor", ops::linear_regressor},
    {"Normalizer", ops::normalizer},
    {"OneHotEncoder", ops::one_hot_encoder},
    {"SVMClassifier", ops::svm_classifier},
    {"SVMRegressor", ops::svm_regressor},
    {"Scaler", ops::scaler},
    {"TreeEnsemble", ops::tree_ensemble},
    {"TreeEnsembleClassifier", ops::tree_ensemble_classifier},
    {"TreeEnsembleRegressor", ops::tree_ensemble_regressor},
};

}  // namespace

KernelFunction find_ml_kernel(std::string_view op) {
  const Entry* found = std::find_if(std::begin(kKernels), std::end(kKernels),
                                    [&](const Entry& entry) { return entry.op == op; });
  return found != std::end(kKernels) ? found->kernel : nullptr;
}

}  // namespace braid::reference
