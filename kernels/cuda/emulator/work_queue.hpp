#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <vector>

/// Streams, events and graphs of an emulated device. Work is done when somebody waits, in any order
/// that the streams and events allow, so that a missing dependency gives wrong numbers.
namespace braid::cuda::emulator {

/// Which piece of work is done next, of those that wait for nothing.
enum class WorkOrder : std::uint8_t {
  Issued,    ///< what was issued first
  Reversed,  ///< what was issued last
  Shuffled,  ///< any, by a seed
};

/// A use of streams that a device refuses, such as waiting for a stream that captures.
class StreamMisuse : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

struct Task;
struct Capture;

/// A point in issued work: what has to be done before what comes after it. A stream stands at one,
/// and an event keeps one.
struct WorkPoint {
  std::vector<std::shared_ptr<Task>> tasks;
  std::shared_ptr<Capture> capture;  ///< null if nothing is captured
  std::vector<std::size_t> nodes;    ///< of what is captured
};

struct WorkStream {
  WorkPoint now;
  WorkPoint outside;  ///< where it goes on after a capture
};

/// Captured work: pieces with the numbers of those that they wait for.
struct WorkGraph {
  struct Node {
    std::function<void()> work;
    std::vector<std::size_t> after;
  };
  std::vector<Node> nodes;
  std::vector<std::size_t> last;  ///< those that no other waits for
};

/// All work of one device. Safe to use from several threads; each stream is used by one at a time.
/// All functions throw StreamMisuse.
class WorkQueue {
 public:
  explicit WorkQueue(WorkOrder order = WorkOrder::Reversed, std::uint32_t seed = 1)
      : order_(order), random_(seed) {}

  void add(WorkStream& stream, std::function<void()> work);

  /// Work of the stream that comes later waits for what is before the event. A stream joins the
  /// capture that the event was recorded in.
  void wait_for(WorkStream& stream, const WorkPoint& event);

  void begin_capture(WorkStream& stream);
  WorkGraph end_capture(WorkStream& stream);
  void replay(WorkStream& stream, const WorkGraph& graph);

  /// Does work until all that is before the point is done; throws what a piece of it throws.
  void finish(const WorkPoint& point);

 private:
  void issue(WorkPoint& at, std::function<void()> work);
  std::shared_ptr<Task> take_next();

  std::mutex mutex_;
  WorkOrder order_;
  std::mt19937 random_;
  std::size_t issued_ = 0;
  std::vector<std::shared_ptr<Task>> ready_;
};

}  // namespace braid::cuda::emulator
