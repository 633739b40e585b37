#include <cmath>

#include "kernels/reference/broadcast.hpp"
#include "kernels/reference/dispatch.hpp"
#include "kernels/reference/elementwise.hpp"
#include "kernels/reference/kernels.hpp"

namespace braid::reference::ops {
namespace {

double mean_of(const std::vector<double>& values) {
  double total = 0.0;
  for (const double value : values)
    total += value;
  return total / static_cast<double>(values.size());
}

/// Mean of the squared distances from `mean`.
double variance_of(const std::vector<double>& values, double mean) {
  double total = 0.0;
  for (const double value : values)
    total += (value - mean) * (value - mean);
  return total / static_cast<double>(values.size());
}

/// A scale or bias that broadcasts to the whole input, found by row and by place in the row.
class Affine {
 public:
  Affine(const KernelCall& call, std::size_t input, std::int64_t axis, double absent) {
    const Dims& dims = call.input(0).dims();
    Dims strides(dims.size(), 0);
    values_ = {absent};
    if (call.has_input(input)) {
      const Tensor& tensor = call.input(input);
      require_type(call, tensor.dtype(), kFloats);
      strides = broadcast_strides(call, tensor.dims(), dims);
      values_ = to_doubles(tensor);
    }
    rows_ = offset_table({dims.begin(), dims.begin() + axis},
                         {strides.begin(), strides.begin() + axis});
    places_ =
        offset_table({dims.begin() + axis, dims.end()}, {strides.begin() + axis, strides.end()});
  }

  double at(std::int64_t row, std::size_t place) const {
    const std::int64_t offset = rows_[static_cast<std::size_t>(row)] + places_[place];
    return values_[static_cast<std::size_t>(offset)];
  }

 private:
  std::vector<double> values_;
  Dims rows_, places_;
};

/// The type of the statistics that a layer normalisation returns.
DType stash_type(const KernelCall& call) {
  const auto dtype = static_cast<DType>(call.attributes().get_int("stash_type", 1));
  require_type(call, dtype, kFloats);
  return dtype;
}

/// LayerNormalization; RMSNormalization is the same without the mean.
void normalise_rows(KernelCall& call, bool centred) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kFloats);
  const std::int64_t axis = normalise_axis(call, call.attributes().get_int("axis", -1), x.rank());
  const double epsilon = call.attributes().get_float("epsilon", 1e-5F);
  const std::int64_t length = product(x.dims(), axis, x.rank());
  const std::int64_t rows = product(x.dims(), 0, axis);
  call.input(1);  // required
  const Affine scale(call, 1, axis, 1.0);
  const Affine bias(call, 2, axis, 0.0);
  Tensor& out = call.output(0, call.input(1).dtype(), x.dims());
  std::vector<double> means(static_cast<std::size_t>(rows));
  std::vector<double> factors(static_cast<std::size_t>(rows));
  const std::byte* from = x.raw().data();
  std::byte* to = out.mutable_raw().data();
  parallel_for(rows, 4 * length, [&](std::int64_t row) {
    std::vector<double> values(static_cast<std::size_t>(length));
    load(x.dtype(), from, row * length, 1, length, values.data());
    const double mean = centred ? mean_of(values) : 0.0;
    const double factor = 1.0 / std::sqrt(variance_of(values, mean) + epsilon);
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = (values[i] - mean) * factor * scale.at(row, i) + bias.at(row, i);
    }
    store(out.dtype(), to, row * length, 1, length, values.data());
    means[static_cast<std::size_t>(row)] = mean;
    factors[static_cast<std::size_t>(row)] = factor;
  });
  if (!centred) return;
  Dims statistics = x.dims();
  for (std::int64_t d = axis; d < x.rank(); ++d)
    statistics[static_cast<std::size_t>(d)] = 1;
  const DType dtype = stash_type(call);
  for (std::size_t k = 1; k < call.output_count(); ++k) {
    Tensor& target = call.output(k, dtype, statistics);
    store(dtype, target.mutable_raw().data(), 0, 1, rows, (k == 1 ? means : factors).data());
  }
}

/// A per-channel parameter.
std::vector<double> channel_values(const KernelCall& call, std::size_t input, std::int64_t count) {
  const Tensor& tensor = call.input(input);
  require_type(call, tensor.dtype(), kFloats);
  if (tensor.size() != count) {
    call.fail("input " + std::to_string(input) + " " + format_dims(tensor.dims()) + " must have " +
              std::to_string(count) + " values");
  }
  return to_doubles(tensor);
}

/// Channels of an [N, C, ...] input; a missing axis counts as one channel.
std::int64_t channels_of(const KernelCall& call, int least_rank) {
  const Tensor& x = call.input(0);
  require_type(call, x.dtype(), kFloats);
  if (x.rank() < least_rank) {
    call.fail("input " + format_dims(x.dims()) + " must have at least " +
              std::to_string(least_rank) + " dimensions");
  }
  return x.rank() > 1 ? x.dim(1) : 1;
}

/// Instance and group normalisation: statistics over each of `groups` parts of an image's channels,
/// then scale and bias, of which there are as many as `parameters` (channels or groups).
void normalise_groups(KernelCall& call, std::int64_t groups, std::int64_t parameters) {
  const Tensor& x = call.input(0);
  const std::int64_t channels = x.dim(1);
  const std::int64_t plane = product(x.dims(), 2, x.rank());
  const double epsilon = call.attributes().get_float("epsilon", 1e-5F);
  const std::vector<double> scale = channel_values(call, 1, parameters);
  const std::vector<double> bias = channel_values(call, 2, parameters);
  Tensor& out = call.output(0, x.dtype(), x.dims());
  if (x.size() == 0) return;  // perhaps without channels
  const std::int64_t length = channels / groups * plane;
  const std::byte* from = x.raw().data();
  std::byte* to = out.mutable_raw().data();
  parallel_for(x.dim(0) * groups, 4 * length, [&](std::int64_t task) {
    std::vector<double> values(static_cast<std::size_t>(length));
    load(x.dtype(), from, task * length, 1, length, values.data());
    const double mean = mean_of(values);
    const double factor = 1.0 / std::sqrt(variance_of(values, mean) + epsilon);
    for (std::int64_t i = 0; i < length; ++i) {
      const std::int64_t channel = task % groups * (channels / groups) + i / plane;
      const auto parameter = static_cast<std::size_t>(channel / (channels / parameters));
      double& value = values[static_cast<std::size_t>(i)];
      value = (value - mean) * factor * scale[parameter] + bias[parameter];
    }
    store(x.dtype(), to, task * length, 1, length, values.data());
  });
}

// Mean and variance of each channel of x take the place of the running ones, of which the outputs 1
// and 2 keep the share `momentum`.
void take_statistics(KernelCall& call, std::vector<double>& mean, std::vector<double>& variance) {
  const Tensor& x = call.input(0);
  const auto channels = static_cast<std::int64_t>(mean.size());
  const std::vector<double> all = to_doubles(x);
  const double momentum = call.attributes().get_float("momentum", 0.9F);
  const std::int64_t plane = product(x.dims(), 2, x.rank());
  std::vector<double> running_mean = mean;
  std::vector<double> running_variance = variance;
  for (std::int64_t c = 0; c < channels; ++c) {
    std::vector<double> values;
    for (std::int64_t n = 0; n < x.dim(0); ++n) {
      const auto first = all.begin() + (n * channels + c) * plane;
      values.insert(values.end(), first, first + plane);
    }
    const auto i = static_cast<std::size_t>(c);
    mean[i] = mean_of(values);
    variance[i] = variance_of(values, mean[i]);
    running_mean[i] = running_mean[i] * momentum + mean[i] * (1.0 - momentum);
    running_variance[i] = running_variance[i] * momentum + variance[i] * (1.0 - momentum);
  }
  for (const auto& [output, values] : {std::pair{1, &running_mean}, {2, &running_variance}}) {
    const auto i = static_cast<std::size_t>(output);
    if (i >= call.output_count()) continue;
    Tensor& running = call.output(i, call.input(i + 2).dtype(), {channels});
    store(running.dtype(), running.mutable_raw().data(), 0, 1, channels, values->data());
  }
}

}  // namespace

void layer_normalization(KernelCall& call) {
  normalise_rows(call, true);
}

void rms_normalization(KernelCall& call) {
  normalise_rows(call, false);
}

void batch_normalization(KernelCall& call) {
  const std::int64_t channels = channels_of(call, 1);
  const Tensor& x = call.input(0);
  if (call.opset() < 9 && call.attributes().get_int("spatial", 1) == 0) {
    call.fail("spatial = 0 is not supported");
  }
  const double epsilon = call.attributes().get_float("epsilon", 1e-5F);
  const std::vector<double> scale = channel_values(call, 1, channels);
  const std::vector<double> bias = channel_values(call, 2, channels);
  std::vector<double> mean = channel_values(call, 3, channels);
  std::vector<double> variance = channel_values(call, 4, channels);
  if (call.attributes().get_int("training_mode", 0) != 0) take_statistics(call, mean, variance);
  Tensor& out = call.output(0, x.dtype(), x.dims());
  if (x.size() == 0) return;
  const std::byte* from = x.raw().data();
  std::byte* to = out.mutable_raw().data();
  const std::int64_t plane = x.size() / (x.dim(0) * channels);
  parallel_for(x.dim(0) * channels, plane, [&](std::int64_t task) {
    const auto c = static_cast<std::size_t>(task % channels);
    const double factor = scale[c] / std::sqrt(variance[c] + epsilon);
    for (std::int64_t done = 0; done < plane; done += kChunk) {
      const std::int64_t count = std::min(kChunk, plane - done);
      double values[kChunk];
      load(x.dtype(), from, task * plane + done, 1, count, values);
      for (std::int64_t i = 0; i < count; ++i)
        values[i] = (values[i] - mean[c]) * factor + bias[c];
      store(x.dtype(), to, task * plane + done, 1, count, values);
    }
  });
}

void instance_normalization(KernelCall& call) {
  const std::int64_t channels = channels_of(call, 2);
  normalise_groups(call, channels, channels);
}

void group_normalization(KernelCall& call) {
  const std::int64_t channels = channels_of(call, 2);
  const std::int64_t groups = call.attributes().get_int("num_groups", 0);
  if (groups < 1 || channels % groups != 0) {
    call.fail("num_groups " + std::to_string(groups) + " does not divide the channels");
  }
  // Scale and bias were per group in opset 18, and are per channel since.
  normalise_groups(call, groups, call.opset() < 21 ? groups : channels);
}

}  // namespace braid::reference::ops
