#pragma once

#include <cstddef>
#include <vector>

namespace braid {

/// What a step of a device takes: how long it runs if nothing else does, and how long it would keep
/// the whole device busy. Where the first is larger, others may run beside it.
struct StepLoad {
  double seconds = 0;
  double busy_seconds = 0;
};

/// Bytes [first, last) of a buffer that a step reads or writes.
struct Access {
  std::size_t buffer = 0;
  std::size_t first = 0;
  std::size_t last = 0;
  bool is_write = false;
};

/// Which steps of a Program run one after the other, and which may run at once: each step is in one
/// stream, behind the earlier steps of that stream, and waits for some of others.
class StepOrder {
 public:
  /// Adds the next step; `after` are earlier ones.
  void add(std::size_t stream, const std::vector<std::size_t>& after);

  std::size_t stream_count() const { return streams_.size(); }
  std::size_t stream_of(std::size_t step) const { return steps_[step].stream; }

  /// Steps of other streams that this one waits for, without those that it follows anyway.
  const std::vector<std::size_t>& waits_of(std::size_t step) const { return steps_[step].waits; }

  /// Whether the earlier step is done when the later one starts.
  bool precedes(std::size_t earlier, std::size_t later) const;

 private:
  struct Step {
    std::size_t stream = 0;
    std::size_t place = 0;  ///< in its stream
    std::vector<std::size_t> waits;
    std::vector<std::size_t> seen;  ///< by stream: how many of its steps are done before this one
  };
  void see(const Step& other, Step& step) const;
  bool has_seen(const Step& other, const Step& step) const;

  std::vector<Step> steps_;
  std::vector<std::vector<std::size_t>> streams_;  // by stream: its steps, in order
};

/// By step: the earlier ones that write what it reads, or read or write what it writes.
std::vector<std::vector<std::size_t>> find_dependencies(
    const std::vector<std::vector<Access>>& accesses);

/// Spreads independent steps over at most `most` streams, if that is predicted to be worth it: the
/// steps are too small to keep the device busy one after the other.
StepOrder order_in_streams(const std::vector<std::vector<std::size_t>>& dependencies,
                           const std::vector<StepLoad>& loads, std::size_t most);

}  // namespace braid
