#include "backends/cuda/choice/tuner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "backends/cuda/choice/layer_bench.hpp"
#include "braid/error.hpp"

namespace braid::cuda {
namespace {

// The model is off by less: what it has for so much slower than the best is not measured.
constexpr double kModelError = 3;

std::string device_of(const GpuTraits& gpu) {
  return fmt::format("{}, sm_{}, {}", gpu.name, gpu.architecture, gpu.software);
}

Choice measured(std::size_t index, const TuningFile::Entry& entry) {
  return {index, fmt::format("{}: measured {:.1f} us, best of {}", entry.kernel,
                             entry.seconds.at(entry.kernel) * 1e6, entry.seconds.size())};
}

}  // namespace

Choice cheapest(const std::vector<Candidate>& candidates) {
  const auto best = std::ranges::min_element(candidates, {}, &Candidate::seconds);
  return {static_cast<std::size_t>(best - candidates.begin()),
          fmt::format("{}: modelled {:.1f} us, best of {}", best->name, best->seconds * 1e6,
                      candidates.size())};
}

Tuner::Tuner(Gpu& gpu, const std::filesystem::path& file)
    : gpu_(gpu), file_(file, device_of(gpu.traits())) {}

Choice Tuner::choose(const Operator& op, const Layer& layer,
                     const std::vector<Candidate>& candidates) {
  const std::lock_guard lock(mutex_);
  if (const auto known = file_.find(layer.key)) {
    const auto found = std::ranges::find(candidates, known->kernel, &Candidate::name);
    if (found != candidates.end())
      return measured(static_cast<std::size_t>(found - candidates.begin()), *known);
  }
  try {
    return measure(op, layer, candidates);
  } catch (const Error& error) {
    warnings_.push_back(fmt::format("nothing is measured for {}: {}", layer.key, error.what()));
    return cheapest(candidates);
  }
}

std::vector<std::string> Tuner::warnings() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> all = file_.warnings();
  all.insert(all.end(), warnings_.begin(), warnings_.end());
  return all;
}

Choice Tuner::measure(const Operator& op, const Layer& layer,
                      const std::vector<Candidate>& candidates) {
  LayerBench bench(gpu_, op, candidates);
  const std::vector<float> expected = bench.results_of(candidates.front());
  TuningFile::Entry entry;
  std::size_t best = 0;
  double least = std::numeric_limits<double>::max();
  for (const std::size_t i : worth_measuring(candidates)) {
    try {
      const bool is_first = i == 0;
      if (!is_first && !is_right(bench.results_of(candidates[i]), expected, layer, candidates[i]))
        continue;
      const double seconds = bench.seconds_of(candidates[i]);
      entry.seconds[candidates[i].name] = seconds;
      if (seconds >= least) continue;
      least = seconds;
      best = i;
    } catch (const Error& error) {
      warnings_.push_back(
          fmt::format("{} fails for {}: {}", candidates[i].name, layer.key, error.what()));
    }
  }
  if (entry.seconds.empty()) return cheapest({candidates.front()});
  entry.kernel = candidates[best].name;
  file_.put(layer.key, entry);
  return measured(best, entry);
}

std::vector<std::size_t> Tuner::worth_measuring(const std::vector<Candidate>& candidates) const {
  const double least = std::ranges::min_element(candidates, {}, &Candidate::seconds)->seconds;
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i].seconds <= kModelError * least) found.push_back(i);
  }
  return found;
}

bool Tuner::is_right(const std::vector<float>& results, const std::vector<float>& expected,
                     const Layer& layer, const Candidate& candidate) {
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double error = std::abs(double{results[i]} - double{expected[i]}) /
                         std::max(1.0, std::abs(double{expected[i]}));
    worst = std::isnan(error) ? std::numeric_limits<double>::infinity() : std::max(worst, error);
  }
  if (worst <= layer.tolerance) return true;
  warnings_.push_back(fmt::format("{} is wrong for {}: off by {:.1e}, where {:.1e} is allowed",
                                  candidate.name, layer.key, worst, layer.tolerance));
  return false;
}

}  // namespace braid::cuda
