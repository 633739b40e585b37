// What ai.onnx.ml does to features one by one.
#include <algorithm>
#include <cmath>

#include "kernels/reference/axes.hpp"
#include "kernels/reference/convert.hpp"
#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/kernels.hpp"
#include "kernels/reference/ml_scores.hpp"
#include "kernels/reference/view.hpp"

namespace braid::reference::ops {
namespace {

// The value for feature `i`: there is one for each, or one for all.
template <class T>
double of_feature(const KernelCall& call, const std::vector<T>& values, std::int64_t i,
                  std::int64_t features) {
  const auto count = static_cast<std::int64_t>(values.size());
  if (count != 1 && count != features) call.fail("an attribute has not one value per feature");
  return static_cast<double>(values[count == 1 ? 0 : static_cast<std::size_t>(i)]);
}

std::int64_t feature_count(const KernelCall& call, const Tensor& x) {
  if (x.rank() == 0) call.fail("the input has no features");
  return x.dim(x.rank() - 1);
}

void put_floats(KernelCall& call, const std::vector<double>& values) {
  Tensor& out = call.output(0, DType::Float32, call.input(0).dims());
  store(DType::Float32, out.mutable_raw().data(), 0, 1, out.size(), values.data());
}

}  // namespace

void scaler(KernelCall& call) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kNumbers);
  const std::int64_t features = feature_count(call, x);
  const std::vector<float> scale = call.attributes().get_floats("scale", {1});
  const std::vector<float> offset = call.attributes().get_floats("offset", {0});
  std::vector<double> values = to_doubles(x);
  for (std::int64_t i = 0; i < x.size(); ++i) {
    double& value = values[static_cast<std::size_t>(i)];
    value = (value - of_feature(call, offset, i % features, features)) *
            of_feature(call, scale, i % features, features);
  }
  put_floats(call, values);
}

// A row that its norm would divide by zero stays.
void normalizer(KernelCall& call) {
  const std::string norm = call.attributes().get_string("norm", "MAX");
  std::vector<std::vector<double>> rows = rows_of(call);
  std::vector<double> values;
  for (const std::vector<double>& row : rows) {
    double divisor = norm == "MAX" && !row.empty() ? *std::max_element(row.begin(), row.end()) : 0;
    for (const double value : row) {
      if (norm == "L1") divisor += std::abs(value);
      if (norm == "L2") divisor += value * value;
    }
    if (norm == "L2") divisor = std::sqrt(divisor);
    for (const double value : row)
      values.push_back(divisor == 0 ? value : value / divisor);
  }
  if (norm != "MAX" && norm != "L1" && norm != "L2") call.fail("norm '" + norm + "' is none");
  put_floats(call, values);
}

void imputer(KernelCall& call) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kNumbers);
  const std::int64_t features = feature_count(call, x);
  const std::vector<float> floats = call.attributes().get_floats("imputed_value_floats");
  const std::vector<std::int64_t> ints = call.attributes().get_ints("imputed_value_int64s");
  const double replaced =
      floats.empty() ? static_cast<double>(call.attributes().get_int("replaced_value_int64", 0))
                     : static_cast<double>(call.attributes().get_float("replaced_value_float", 0));
  std::vector<double> values = to_doubles(x);
  for (std::int64_t i = 0; i < x.size(); ++i) {
    double& value = values[static_cast<std::size_t>(i)];
    if (value != replaced && !(std::isnan(value) && std::isnan(replaced))) continue;
    value = floats.empty() ? of_feature(call, ints, i % features, features)
                           : of_feature(call, floats, i % features, features);
  }
  Tensor& out = call.output(0, x.dtype(), x.dims());
  store(x.dtype(), out.mutable_raw().data(), 0, 1, out.size(), values.data());
}

void binarizer(KernelCall& call) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kNumbers);
  const auto threshold = static_cast<double>(call.attributes().get_float("threshold", 0));
  std::vector<double> values = to_doubles(x);
  for (double& value : values)
    value = value > threshold ? 1 : 0;
  Tensor& out = call.output(0, x.dtype(), x.dims());
  store(x.dtype(), out.mutable_raw().data(), 0, 1, out.size(), values.data());
}

// Takes features by their numbers; of a vector it makes one row.
void array_feature_extractor(KernelCall& call) {
  const Tensor& x = call.input(0);
  const Dims wanted = int_input(call, 1);
  const std::int64_t features = feature_count(call, x);
  const auto count = static_cast<std::int64_t>(wanted.size());
  for (const std::int64_t feature : wanted) {
    if (feature < 0 || feature >= features) call.fail("a feature does not exist");
  }
  Dims dims = x.dims();
  dims.back() = count;
  if (dims.size() == 1) dims.insert(dims.begin(), 1);
  const std::int64_t rows = features == 0 ? 0 : x.size() / features;
  if (x.dtype() == DType::String) {
    std::vector<std::string> values;
    for (std::int64_t i = 0; i < rows * count; ++i) {
      const std::int64_t at = i / count * features + wanted[static_cast<std::size_t>(i % count)];
      values.push_back(x.string_values()[static_cast<std::size_t>(at)]);
    }
    return call.set_output(0, Tensor::strings(std::move(dims), std::move(values)));
  }
  const std::int64_t size = element_size(call, x.dtype());
  std::byte* to = call.output(0, x.dtype(), dims).mutable_raw().data();
  for (std::int64_t i = 0; i < rows * count; ++i) {
    const std::int64_t at = i / count * features + wanted[static_cast<std::size_t>(i % count)];
    copy_elements(size, x.raw().data() + at * size, 1, to + i * size, 1, 1);
  }
}

// Lays the features of all inputs side by side.
void feature_vectorizer(KernelCall& call) {
  const Dims widths = call.attributes().get_ints("inputdimensions");
  std::vector<std::vector<double>> rows;
  for (std::size_t i = 0; i < call.input_count(); ++i) {
    const Tensor& x = call.input(i);
    require_type(call, x.dtype(), kNumbers);
    const std::int64_t count = x.rank() > 1 ? x.dim(0) : 1;
    if (i >= widths.size() || count == 0 || x.size() != count * widths[i] ||
        (i > 0 && rows.size() != static_cast<std::size_t>(count)))
      call.fail("input " + std::to_string(i) + " has other dims than inputdimensions say");
    rows.resize(static_cast<std::size_t>(count));
    const std::vector<double> values = to_doubles(x);
    for (std::int64_t r = 0; r < count; ++r) {
      auto& row = rows[static_cast<std::size_t>(r)];
      row.insert(row.end(), values.begin() + r * widths[i], values.begin() + (r + 1) * widths[i]);
    }
  }
  put_rows(call, 0, rows);
}

}  // namespace braid::reference::ops
