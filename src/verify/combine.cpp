#include "verify/combine.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <numeric>

#include "braid/error.hpp"

namespace braid {
namespace {

[[noreturn]] void fail(std::span<const Tensor> outputs) {
  std::string text;
  for (const Tensor& output : outputs)
    text += (text.empty() ? "" : ", ") + describe(output);
  throw Error(ErrorKind::BadInput, "outputs " + text +
                                       " cannot be combined, so the combination is not checked; "
                                       "other sizes may help: --dim");
}

// Calls `action` with an element of the floating-point type.
template <class Action>
auto with_float(std::span<const Tensor> outputs, Action action) {
  switch (outputs[0].dtype()) {
    case DType::Float32:
      return action(float{});
    case DType::Float64:
      return action(double{});
    case DType::Float16:
      return action(Eigen::half{});
    case DType::BFloat16:
      return action(Eigen::bfloat16{});
    default:
      fail(outputs);
  }
}

void demand_equal_sizes(std::span<const Tensor> outputs) {
  for (const Tensor& output : outputs) {
    if (output.dtype() != outputs[0].dtype() || output.dims() != outputs[0].dims()) fail(outputs);
  }
}

Tensor weighted_mean(std::span<const Tensor> outputs, const std::vector<double>& weights) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  return with_float(outputs, [&]<class T>(T) {
    std::vector<double> totals(static_cast<std::size_t>(outputs[0].size()));
    for (std::size_t m = 0; m < outputs.size(); ++m) {
      const std::span<const T> values = outputs[m].data<T>();
      for (std::size_t i = 0; i < totals.size(); ++i)
        totals[i] += weights[m] * static_cast<double>(values[i]);
    }
    Tensor result = Tensor::allocate(outputs[0].dtype(), outputs[0].dims());
    std::transform(totals.begin(), totals.end(), result.mutable_data<T>().begin(),
                   [&](double total) { return static_cast<T>(total / sum); });
    return result;
  });
}

// The index of the largest score along the last axis.
Tensor best_of(const Tensor& scores) {
  std::vector<std::int64_t> dims = scores.dims();
  if (dims.empty() || dims.back() == 0) fail({&scores, 1});
  const auto count = static_cast<std::size_t>(dims.back());
  dims.pop_back();
  return with_float({&scores, 1}, [&]<class T>(T) {
    Tensor labels = Tensor::allocate(DType::Int64, dims);
    const std::span<const T> values = scores.data<T>();
    std::size_t row = 0;
    for (std::int64_t& label : labels.mutable_data<std::int64_t>()) {
      const auto own = values.subspan(count * row++, count);
      label = std::max_element(own.begin(), own.end()) - own.begin();
    }
    return labels;
  });
}

// What most say; of several, what the first says.
template <class IsEqual>
std::size_t winner(std::size_t members, IsEqual is_equal) {
  std::size_t best = 0;
  std::size_t most = 0;
  for (std::size_t a = 0; a < members; ++a) {
    std::size_t votes = 0;
    for (std::size_t b = 0; b < members; ++b)
      votes += is_equal(a, b) ? 1 : 0;
    if (votes > most) {
      most = votes;
      best = a;
    }
  }
  return best;
}

Tensor vote(std::span<const Tensor> outputs) {
  std::vector<Tensor> labels;
  for (const Tensor& output : outputs)
    labels.push_back(is_float(output.dtype()) ? best_of(output) : output);
  const auto size = static_cast<std::size_t>(labels[0].size());
  if (labels[0].dtype() == DType::String) {
    std::vector<std::string> chosen;
    for (std::size_t i = 0; i < size; ++i) {
      const auto label = [&](std::size_t m) { return labels[m].string_values()[i]; };
      chosen.push_back(label(winner(
          labels.size(), [&](std::size_t a, std::size_t b) { return label(a) == label(b); })));
    }
    return Tensor::strings(labels[0].dims(), std::move(chosen));
  }
  Tensor result = Tensor::allocate(labels[0].dtype(), labels[0].dims());
  const std::size_t width = size == 0 ? 0 : labels[0].bytes() / size;
  for (std::size_t i = 0; i < size; ++i) {
    const auto label = [&](std::size_t m) { return labels[m].raw().subspan(i * width, width); };
    const std::size_t best = winner(labels.size(), [&](std::size_t a, std::size_t b) {
      return std::ranges::equal(label(a), label(b));
    });
    std::ranges::copy(label(best), result.mutable_raw().subspan(i * width, width).begin());
  }
  return result;
}

// Rows of all members in turn; `rows_of` gives the elements of a tensor.
template <class T, class RowsOf>
std::vector<T> interleave(std::span<const Tensor> outputs, std::int64_t rows, RowsOf rows_of) {
  std::vector<T> result;
  for (std::int64_t row = 0; row < rows; ++row) {
    for (const Tensor& output : outputs) {
      const std::span<const T> all = rows_of(output);
      const std::size_t width = all.size() / static_cast<std::size_t>(rows);
      const auto own = all.subspan(static_cast<std::size_t>(row) * width, width);
      result.insert(result.end(), own.begin(), own.end());
    }
  }
  return result;
}

Tensor side_by_side(std::span<const Tensor> outputs) {
  std::vector<std::int64_t> dims = outputs[0].dims();
  if (dims.empty()) fail(outputs);
  const std::vector<std::int64_t> outer(dims.begin(), dims.end() - 1);
  dims.back() = 0;
  for (const Tensor& output : outputs) {
    const std::vector<std::int64_t>& own = output.dims();
    if (output.dtype() != outputs[0].dtype() || own.size() != dims.size() ||
        !std::equal(outer.begin(), outer.end(), own.begin())) {
      fail(outputs);
    }
    dims.back() += own.back();
  }
  const std::int64_t rows =
      std::accumulate(outer.begin(), outer.end(), std::int64_t{1}, std::multiplies<>());
  if (outputs[0].dtype() == DType::String) {
    return Tensor::strings(dims, interleave<std::string>(outputs, rows, [](const Tensor& tensor) {
                             return std::span(tensor.string_values());
                           }));
  }
  Tensor result = Tensor::allocate(outputs[0].dtype(), dims);
  const auto bytes = interleave<std::byte>(outputs, rows, [](const Tensor& t) { return t.raw(); });
  std::ranges::copy(bytes, result.mutable_raw().begin());
  return result;
}

}  // namespace

Tensor combine(Combination combination, const std::vector<double>& weights,
               std::span<const Tensor> outputs) {
  std::vector<Tensor> members;
  for (const Tensor& output : outputs)
    members.push_back(output.materialised());
  if (combination == Combination::Concat) return side_by_side(members);
  demand_equal_sizes(members);
  if (combination == Combination::Vote) return vote(members);
  const bool is_weighted = combination == Combination::Weighted;
  if (is_weighted && weights.size() != members.size()) fail(members);
  return weighted_mean(members, is_weighted ? weights : std::vector<double>(members.size(), 1.0));
}

}  // namespace braid
