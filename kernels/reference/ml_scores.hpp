#pragma once

#include <string>
#include <vector>

#include "braid/kernel.hpp"

/// What the classifiers and regressors of ai.onnx.ml have in common.
namespace braid::reference {

enum class PostTransform { None, Softmax, Logistic, SoftmaxZero, Probit };

/// The attribute post_transform, spelled out.
PostTransform post_transform_of(const KernelCall& call);

/// Applies it to the scores of one row.
void apply(PostTransform transform, std::vector<double>& scores);

/// The scores of both classes where there is one, that of the second. They add up to 1 with
/// `is_probability`, else to 0. Of the transforms, only LOGISTIC is applied, as in ONNX Runtime.
std::vector<double> scores_of_two(const KernelCall& call, double score, bool is_probability,
                                  PostTransform transform);

/// A list of strings; empty if the attribute is absent.
std::vector<std::string> string_list(const KernelCall& call, std::string_view name);

/// Labels of classes, integers or strings.
struct Labels {
  std::vector<std::int64_t> ints;
  std::vector<std::string> strings;

  std::size_t size() const { return strings.empty() ? ints.size() : strings.size(); }
};

Labels labels_of(const KernelCall& call, std::string_view ints);

/// Output 0: the label of the class that each row was given.
void put_labels(KernelCall& call, const Labels& labels, const std::vector<std::size_t>& classes);

/// An output of float, one vector per row, all of one length.
void put_rows(KernelCall& call, std::size_t output, const std::vector<std::vector<double>>& rows);

/// The rows of input 0, [N, C] or [C].
std::vector<std::vector<double>> rows_of(const KernelCall& call);

}  // namespace braid::reference
