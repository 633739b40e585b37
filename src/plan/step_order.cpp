// Chains of steps => streams. A step goes on in the stream of a step that it depends on, if nothing
// has come behind that yet; else it takes a stream whose work is done by then, or a new one, or the
// shortest. All steps stay in one stream if the longest chain, or the work of all, takes about as
// long as the steps one after the other.
#include "plan/step_order.hpp"

#include <algorithm>
#include <map>

namespace braid {

// ---- StepOrder ----

void StepOrder::see(const Step& other, Step& step) const {
  step.seen.resize(std::max({step.seen.size(), other.seen.size(), other.stream + 1}), 0);
  for (std::size_t s = 0; s < other.seen.size(); ++s)
    step.seen[s] = std::max(step.seen[s], other.seen[s]);
  step.seen[other.stream] = std::max(step.seen[other.stream], other.place + 1);
}

bool StepOrder::has_seen(const Step& other, const Step& step) const {
  return other.stream < step.seen.size() && other.place < step.seen[other.stream];
}

void StepOrder::add(std::size_t stream, const std::vector<std::size_t>& after) {
  streams_.resize(std::max(streams_.size(), stream + 1));
  Step step;
  step.stream = stream;
  step.place = streams_[stream].size();
  if (!streams_[stream].empty()) see(steps_[streams_[stream].back()], step);
  std::vector<std::size_t> latest_first = after;
  std::sort(latest_first.rbegin(), latest_first.rend());
  for (const std::size_t each : latest_first) {
    if (has_seen(steps_[each], step)) continue;
    step.waits.push_back(each);
    see(steps_[each], step);
  }
  streams_[stream].push_back(steps_.size());
  steps_.push_back(std::move(step));
}

bool StepOrder::precedes(std::size_t earlier, std::size_t later) const {
  return has_seen(steps_[earlier], steps_[later]);
}

// ---- dependencies ----

namespace {

bool overlap(const Access& a, const Access& b) {
  return a.first < b.last && b.first < a.last;
}

struct EarlierAccess {
  Access access;
  std::size_t step = 0;
};

bool must_follow(const Access& access, const EarlierAccess& earlier) {
  return (access.is_write || earlier.access.is_write) && overlap(access, earlier.access);
}

// Whoever depends on what the write covers depends on the write.
void forget_covered(const Access& write, std::vector<EarlierAccess>& earlier) {
  std::erase_if(earlier, [&](const EarlierAccess& each) {
    return write.first <= each.access.first && each.access.last <= write.last;
  });
}

}  // namespace

std::vector<std::vector<std::size_t>> find_dependencies(
    const std::vector<std::vector<Access>>& accesses) {
  std::vector<std::vector<std::size_t>> result(accesses.size());
  std::map<std::size_t, std::vector<EarlierAccess>> by_buffer;
  for (std::size_t s = 0; s < accesses.size(); ++s) {
    for (const Access& access : accesses[s]) {
      for (const EarlierAccess& earlier : by_buffer[access.buffer]) {
        if (must_follow(access, earlier)) result[s].push_back(earlier.step);
      }
    }
    for (const Access& access : accesses[s]) {
      std::vector<EarlierAccess>& earlier = by_buffer[access.buffer];
      if (access.is_write) forget_covered(access, earlier);
      earlier.push_back({access, s});
    }
    std::sort(result[s].begin(), result[s].end());
    result[s].erase(std::unique(result[s].begin(), result[s].end()), result[s].end());
  }
  return result;
}

// ---- streams ----

namespace {

using Dependencies = std::vector<std::vector<std::size_t>>;

StepOrder in_sequence(std::size_t steps) {
  StepOrder order;
  for (std::size_t s = 0; s < steps; ++s)
    order.add(0, {});
  return order;
}

// Whether a twentieth of the time can be saved at all.
bool is_worth_it(const Dependencies& dependencies, const std::vector<StepLoad>& loads) {
  constexpr double kWorthwhile = 0.95;
  double in_sequence = 0;
  double busy = 0;
  double longest = 0;
  std::vector<double> end(loads.size(), 0);  // by step, if each runs as early as it can
  for (std::size_t s = 0; s < loads.size(); ++s) {
    for (const std::size_t before : dependencies[s])
      end[s] = std::max(end[s], end[before]);
    end[s] += loads[s].seconds;
    longest = std::max(longest, end[s]);
    in_sequence += loads[s].seconds;
    busy += loads[s].busy_seconds;
  }
  return std::max(longest, busy) < kWorthwhile * in_sequence;
}

class Spreading {
 public:
  Spreading(const Dependencies& dependencies, const std::vector<StepLoad>& loads, std::size_t most)
      : dependencies_(dependencies), loads_(loads), most_(most) {}

  StepOrder run() {
    for (std::size_t s = 0; s < loads_.size(); ++s) {
      const std::size_t stream = choose_stream(s);
      streams_.resize(std::max(streams_.size(), stream + 1));
      order_.add(stream, dependencies_[s]);
      streams_[stream] = {s, streams_[stream].seconds + loads_[s].seconds};
    }
    return std::move(order_);
  }

 private:
  struct Stream {
    std::size_t last = 0;
    double seconds = 0;
  };

  std::size_t choose_stream(std::size_t step) const {
    const std::vector<std::size_t>& before = dependencies_[step];
    for (auto each = before.rbegin(); each != before.rend(); ++each) {
      const std::size_t stream = order_.stream_of(*each);
      if (streams_[stream].last == *each) return stream;
    }
    for (std::size_t stream = 0; stream < streams_.size(); ++stream) {
      if (is_over(stream, before)) return stream;
    }
    if (streams_.size() < most_) return streams_.size();
    const auto shortest =
        std::min_element(streams_.begin(), streams_.end(),
                         [](const Stream& a, const Stream& b) { return a.seconds < b.seconds; });
    return static_cast<std::size_t>(shortest - streams_.begin());
  }

  // Whether a step behind these waits for all of the stream anyway.
  bool is_over(std::size_t stream, const std::vector<std::size_t>& before) const {
    return std::any_of(before.begin(), before.end(), [&](std::size_t each) {
      return order_.precedes(streams_[stream].last, each);
    });
  }

  const Dependencies& dependencies_;
  const std::vector<StepLoad>& loads_;
  const std::size_t most_;
  StepOrder order_;
  std::vector<Stream> streams_;
};

}  // namespace

StepOrder order_in_streams(const Dependencies& dependencies, const std::vector<StepLoad>& loads,
                           std::size_t most) {
  if (!is_worth_it(dependencies, loads)) return in_sequence(loads.size());
  return Spreading(dependencies, loads, most).run();
}

}  // namespace braid
