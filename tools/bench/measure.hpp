#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tools/bench/contenders.hpp"

/// How long to measure.
struct Effort {
  double warm_up_seconds = 0.5;  ///< at least, for each contender
  double min_seconds = 2;        ///< of measured time, for each contender
  int min_rounds = 10;
};

/// Times of one contender.
struct Series {
  std::vector<double> seconds;  ///< by round
  double first = 0;             ///< the first run, which plans and packs

  /// On a GPU, of the same runs: of the device, and of the host until all work was in its streams.
  std::vector<double> device_seconds;
  std::vector<double> host_seconds;

  double quantile(double q) const;
  double device_quantile(double q) const;
  double host_quantile(double q) const;
  double mean() const;
  double half_width() const;  ///< of the 95 % confidence interval of the mean

  /// What makes the times doubtful; empty if nothing does.
  std::vector<std::string> warnings() const;
};

/// Warms all contenders up until their times settle, then runs them in turns: what disturbs the
/// machine disturbs all.
std::vector<Series> measure(const std::vector<std::unique_ptr<Contender>>& contenders,
                            const Effort& effort);
