#include "tools/bench/measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

namespace {

double time_of(Contender& contender, std::optional<DeviceTimes>* device = nullptr) {
  const auto start = std::chrono::steady_clock::now();
  const std::optional<DeviceTimes> times = contender.run();
  if (device != nullptr) *device = times;
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void add_run(Contender& contender, Series& series) {
  std::optional<DeviceTimes> device;
  series.seconds.push_back(time_of(contender, &device));
  if (!device) return;
  series.device_seconds.push_back(device->device);
  series.host_seconds.push_back(device->host);
}

double quantile_of(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const long at = std::lround(q * static_cast<double>(values.size() - 1));
  return values[static_cast<std::size_t>(at)];
}

// Runs until the median of some runs is that of the runs before, but no longer than ten times the
// time given.
void warm_up(Contender& contender, double seconds) {
  constexpr int kRuns = 5;
  constexpr double kSettled = 0.02;
  double spent = 0;
  double before = 0;
  while (spent < 10 * seconds) {
    std::vector<double> times;
    for (int r = 0; r < kRuns; ++r)
      times.push_back(time_of(contender));
    spent += std::accumulate(times.begin(), times.end(), 0.0);
    const double median = quantile_of(times, 0.5);
    if (spent >= seconds && std::abs(median - before) <= kSettled * median) return;
    before = median;
  }
}

}  // namespace

double Series::quantile(double q) const {
  return quantile_of(seconds, q);
}

double Series::device_quantile(double q) const {
  return quantile_of(device_seconds, q);
}

double Series::host_quantile(double q) const {
  return quantile_of(host_seconds, q);
}

double Series::mean() const {
  return std::accumulate(seconds.begin(), seconds.end(), 0.0) /
         static_cast<double>(std::max<std::size_t>(seconds.size(), 1));
}

double Series::half_width() const {
  if (seconds.size() < 2) return 0;
  const double center = mean();
  double squares = 0;
  for (const double value : seconds)
    squares += (value - center) * (value - center);
  const auto count = static_cast<double>(seconds.size());
  constexpr double kNormal95 = 1.96;
  return kNormal95 * std::sqrt(squares / (count - 1) / count);
}

std::vector<std::string> Series::warnings() const {
  constexpr double kUnstable = 1.25;
  constexpr double kDrift = 1.1;
  constexpr double kShort = 20e-6;
  std::vector<std::string> texts;
  const double median = quantile(0.5);
  if (quantile(0.9) > kUnstable * median) {
    texts.push_back(
        fmt::format("unstable: a tenth of the runs took {:.2f} times the median or more",
                    quantile(0.9) / median));
  }
  const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
  const double early = quantile_of({seconds.begin(), middle}, 0.5);
  const double late = quantile_of({middle, seconds.end()}, 0.5);
  if (late > kDrift * early) {
    texts.push_back(
        fmt::format("throttled: the second half took {:.2f} times the first", late / early));
  }
  if (median < kShort) texts.push_back("too short: the clock and the call are part of the time");
  return texts;
}

std::vector<Series> measure(const std::vector<std::unique_ptr<Contender>>& contenders,
                            const Effort& effort) {
  std::vector<Series> series(contenders.size());
  for (std::size_t c = 0; c < contenders.size(); ++c) {
    series[c].first = time_of(*contenders[c]);
    warm_up(*contenders[c], effort.warm_up_seconds);
  }
  const double wanted = effort.min_seconds * static_cast<double>(contenders.size());
  double spent = 0;
  for (int round = 0; round < effort.min_rounds || spent < wanted; ++round) {
    for (std::size_t c = 0; c < contenders.size(); ++c) {
      add_run(*contenders[c], series[c]);
      spent += series[c].seconds.back();
    }
  }
  return series;
}
